//! How to reach the brokers: addresses, and whatever else the client library understands.
//!
//! SASL and TLS are the library's properties (`security.protocol`, `sasl.mechanism`,
//! `sasl.username`, `ssl.ca.location`, …), handed through as they are. They come from a file and from
//! variables, never from a command line, which everybody on a machine can read.

use crate::client::{self, Isolation};
use crate::error::KafkaError;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the names of variables that set properties begin with:
/// `DAYBOOK_KAFKA_PROPERTY_SASL_PASSWORD` sets `sasl.password`.
pub const VARIABLE_PREFIX: &str = "DAYBOOK_KAFKA_PROPERTY_";

/// Properties on which it depends that nothing is lost or written twice. They are ours.
const OURS: [&str; 21] = [
    "acks",
    "allow.auto.create.topics",
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.timeout.ms",
    "metadata.broker.list",
    "request.required.acks",
    "transaction.timeout.ms",
    "transactional.id",
];

/// Where the brokers are, and how to speak to them.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    brokers: String,
    properties: BTreeMap<String, String>,
}

/// Values may be secret: only names are shown.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("brokers", &self.brokers)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the Kafka settings {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A line of the file says nothing.
    #[error(
        "line {line} of {path} sets nothing: write name=value, such as security.protocol=SASL_SSL"
    )]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// What should be a property's name is none. It may be a secret, and is not shown.
    #[error(
        "what stands before = is no name of a property: write name=value, such as sasl.mechanism=PLAIN"
    )]
    Name,
    /// A variable that holds something else.
    #[error("the variable that sets {0} is no text")]
    NoText(String),
    /// Nobody to ask.
    #[error("--kafka names no broker: write HOST:PORT, such as 127.0.0.1:9092")]
    NoBroker,
    /// No topic can have this name.
    #[error("\"{0}\" cannot be a topic: use 1 to 249 characters of a-z, A-Z, 0-9, . _ and -")]
    Topic(String),
    /// A property that would break what Daybook promises.
    #[error("{0} is set by Daybook itself: remove it from the Kafka settings")]
    Ours(String),
}

impl Settings {
    /// Brokers as `host:port`, several with commas between them.
    #[must_use]
    pub fn new(brokers: &str) -> Self {
        Self {
            brokers: brokers.to_owned(),
            properties: BTreeMap::new(),
        }
    }

    /// The brokers.
    #[must_use]
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Sets a property of the client library.
    ///
    /// # Errors
    /// When Daybook sets it itself.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let is_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(SettingsError::Name);
        }
        if OURS.contains(&name) {
            return Err(SettingsError::Ours(name.to_owned()));
        }
        self.properties.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Sets the properties of a file: `name=value` on each line; empty lines and those that begin with
    /// `#` are skipped.
    ///
    /// # Errors
    /// When it cannot be read, or says something else.
    pub fn read(&mut self, path: &Path) -> Result<(), SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| SettingsError::Unreadable(path.to_owned(), error))?;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || SettingsError::Line {
                path: path.to_owned(),
                line: index + 1,
            };
            let (name, value) = line.split_once('=').ok_or_else(wrong)?;
            self.set(name.trim(), value.trim())?;
        }
        Ok(())
    }

    /// Sets the properties that variables name; see [`VARIABLE_PREFIX`]. Other variables are not
    /// looked at, and may hold anything.
    ///
    /// # Errors
    /// When one is set by Daybook itself, or is no text.
    pub fn take_variables(
        &mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(), SettingsError> {
        for (name, value) in variables {
            let Some(property) = name.to_str().and_then(|n| n.strip_prefix(VARIABLE_PREFIX)) else {
                continue;
            };
            let property = property.to_lowercase().replace('_', ".");
            let none = || SettingsError::NoText(property.clone());
            let value = value.to_str().ok_or_else(none)?;
            self.set(&property, value)?;
        }
        Ok(())
    }

    /// Whether any broker is named.
    ///
    /// # Errors
    /// When none is.
    pub fn check_brokers(&self) -> Result<(), SettingsError> {
        if self
            .brokers
            .split(',')
            .any(|broker| !broker.trim().is_empty())
        {
            return Ok(());
        }
        Err(SettingsError::NoBroker)
    }

    /// Whether the client library understands all of this. No broker is asked.
    ///
    /// # Errors
    /// When it does not, or was built without what it needs for this.
    pub fn check(&self) -> Result<(), KafkaError> {
        client::consumer(self, Isolation::Committed).map(drop)
    }

    pub(crate) const fn properties(&self) -> &BTreeMap<String, String> {
        &self.properties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_come_from_files_and_variables_and_are_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kafka.properties");
        std::fs::write(
            &path,
            "# who\nsasl.username = daybook\n\nsasl.password=a=b\n",
        )
        .unwrap();
        let mut settings = Settings::new("127.0.0.1:9092");
        settings.read(&path).unwrap();
        let variable = |name: &str| (format!("{VARIABLE_PREFIX}{name}").into(), "geheim".into());
        settings
            .take_variables([variable("SSL_KEY_PASSWORD"), ("HOME".into(), "/".into())])
            .unwrap();
        let set: Vec<_> = settings.properties().iter().collect();
        let set: Vec<_> = set.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let expected = [
            ("sasl.password", "a=b"),
            ("sasl.username", "daybook"),
            ("ssl.key.password", "geheim"),
        ];
        assert_eq!(set, expected);
        let shown = format!("{settings:?}");
        assert!(
            !shown.contains("geheim") && !shown.contains("a=b"),
            "{shown}"
        );
        assert!(shown.contains("sasl.password"), "{shown}");
    }

    #[test]
    fn what_the_library_does_not_know_is_told() {
        let mut settings = Settings::new("127.0.0.1:9092");
        settings.check().unwrap();
        settings.set("sasl.mechanims", "PLAIN").unwrap();
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains("sasl.mechanims"), "{error}");
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn a_program_without_tls_says_so() {
        for (name, value) in [
            ("security.protocol", "SASL_SSL"),
            ("ssl.ca.location", "/ca.pem"),
        ] {
            let mut settings = Settings::new("127.0.0.1:9092");
            settings.set(name, value).unwrap();
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains("--features kafka-tls"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kafka.properties");
        let mut settings = Settings::new("127.0.0.1:9092");
        let error = settings.read(&path).unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
        std::fs::write(&path, "a=b\nnonsense\n").unwrap();
        let error = settings.read(&path).unwrap_err().to_string();
        assert!(error.starts_with("line 2 of "), "{error}");
        std::fs::write(&path, "enable.idempotence=false\n").unwrap();
        let error = settings.read(&path).unwrap_err().to_string();
        assert!(error.contains("set by Daybook itself"), "{error}");
        std::fs::write(&path, "sasl.password: Zm9v==\n").unwrap();
        let error = settings.read(&path).unwrap_err().to_string();
        assert!(!error.contains("Zm9v"), "{error}");
        assert!(Settings::new(" ,").check_brokers().is_err());
    }
}
