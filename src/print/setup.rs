//! How printers are set up on a node: what the settings file says of them, and where to look for
//! devices. Passwords stand here and nowhere else.

use super::service::ServiceState;
use daybook_printers::device::{PaymentKind, Quirk, Settings};
use daybook_printers::uri::Uri;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about printers that a node is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whether this node does what sales ask of printers. With several nodes, it is on where the
    /// printers are.
    pub print: bool,
    /// Whether serial ports are searched for devices.
    pub detect: bool,
    /// Ports that are not touched.
    pub excluded: BTreeSet<String>,
    /// Ports that are searched though the system does not list them.
    pub extra: Vec<String>,
    /// How long one port may take.
    pub patience: Duration,
    /// Origins of web pages that may print; none stands for all.
    pub origins: Vec<String>,
    /// Whether browsers are told that public pages may reach this server in a private network.
    pub private_network: bool,
    /// Where `escpos.capture://NAME` writes.
    pub captures: Option<PathBuf>,
    /// Printers of the settings file, and settings of printers of the catalogue, by id.
    pub printers: BTreeMap<String, PrinterSetup>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            print: true,
            detect: false,
            excluded: BTreeSet::new(),
            extra: Vec::new(),
            patience: super::detect::PATIENCE,
            origins: Vec::new(),
            private_network: false,
            captures: None,
            printers: BTreeMap::new(),
        }
    }
}

impl Setup {
    /// What the service API begins with.
    pub(super) fn service(&self, node: &str) -> ServiceState {
        let named = self.printers.iter();
        let named = named.filter_map(|(id, setup)| Some((id.clone(), setup.uri.clone()?)));
        ServiceState {
            server_id: node.to_owned(),
            auto_detect: self.detect,
            excluded: self.excluded.clone(),
            detection_timeout: self.patience,
            allowed_origins: self.origins.clone(),
            private_network: self.private_network,
            printers: named.collect(),
            properties: BTreeMap::new(),
            searches: 0,
        }
    }
}

/// One printer, as the settings file has it: `[printers.ID]`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrinterSetup {
    /// Where it is; left out for one that the catalogue or the search finds.
    #[serde(deserialize_with = "uri")]
    pub uri: Option<Uri>,
    /// The operator of requests that name none.
    operator: Option<String>,
    password: Option<String>,
    tcp_password: Option<String>,
    terminal: bool,
    wrap_comments: bool,
    #[serde(deserialize_with = "payments")]
    payments: BTreeMap<PaymentKind, Option<u8>>,
    #[serde(deserialize_with = "quirks")]
    quirks: BTreeSet<Quirk>,
}

/// Without the passwords.
impl fmt::Debug for PrinterSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrinterSetup")
            .field("uri", &self.uri)
            .field("operator", &self.operator)
            .finish_non_exhaustive()
    }
}

impl PrinterSetup {
    /// One at an address, with nothing more to say about it.
    #[must_use]
    pub fn at(uri: Uri) -> Self {
        Self {
            uri: Some(uri),
            ..Self::default()
        }
    }

    /// What its dialogues need to know. `configured`: an operator named the printer, so that what
    /// the device says about itself is not compared with its driver.
    #[must_use]
    pub fn settings(&self, configured: bool) -> Settings {
        Settings {
            operator: self.operator.clone(),
            password: self.password.clone(),
            tcp_password: self.tcp_password.clone(),
            terminal: self.terminal,
            payments: self.payments.clone(),
            wrap_comments: self.wrap_comments,
            quirks: self.quirks.clone(),
            configured,
        }
    }
}

fn uri<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Uri>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// `card = "L"`: the code of a payment on this device; `""`: the device has none.
fn payments<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<PaymentKind, Option<u8>>, D::Error> {
    use serde::de::Error;
    let named = BTreeMap::<String, String>::deserialize(deserializer)?;
    let one = |(name, code): (String, String)| {
        let known = PaymentKind::of_name(&name);
        let kind = known.ok_or_else(|| Error::custom(format!("there is no payment \"{name}\"")))?;
        match code.as_bytes() {
            [] => Ok((kind, None)),
            [byte] if byte.is_ascii_graphic() => Ok((kind, Some(*byte))),
            _ => Err(Error::custom(format!(
                "\"{code}\" is no code of a payment: it is one letter or digit, or nothing"
            ))),
        }
    };
    named.into_iter().map(one).collect()
}

/// What some devices do otherwise than their makers say, by name.
const QUIRKS: [(&str, Quirk); 3] = [
    ("cash-query-prints", Quirk::CashQueryPrints),
    ("no-summer-mark", Quirk::NoSummerMark),
    ("dollar-amounts", Quirk::DollarAmounts),
];

fn quirks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Quirk>, D::Error> {
    let named = BTreeSet::<String>::deserialize(deserializer)?;
    let one = |name: String| {
        let known = QUIRKS.iter().find(|(known, _)| *known == name);
        let names = QUIRKS.map(|(known, _)| known).join(", ");
        let unknown = || format!("there is no quirk \"{name}\"; there are: {names}");
        known
            .map(|(_, quirk)| *quirk)
            .ok_or_else(|| serde::de::Error::custom(unknown()))
    };
    named.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_read_from_the_settings_file() {
        let text = "uri = \"bg.dt.p.isl.tcp://127.0.0.1:4999\"\noperator = \"2\"\npassword = \"4711\"\n\
                    wrap_comments = true\nquirks = [\"cash-query-prints\"]\n[payments]\ncard = \"L\"\ncheck = \"\"\n";
        let setup: PrinterSetup = toml::from_str(text).unwrap();
        let settings = setup.settings(true);
        assert_eq!(settings.password.as_deref(), Some("4711"));
        assert_eq!(settings.payments[&PaymentKind::Card], Some(b'L'));
        assert_eq!(settings.payments[&PaymentKind::Check], None);
        assert!(settings.quirks.contains(&Quirk::CashQueryPrints) && settings.configured);
        assert!(!format!("{setup:?}").contains("4711"));
        for (text, why) in [
            ("uri = \"x\"", "no printer URI"),
            ("quirks = [\"odd\"]", "there are: cash-query-prints"),
            ("[payments]\ngold = \"G\"", "no payment \"gold\""),
            ("[payments]\ncard = \"LL\"", "one letter or digit"),
            ("pasword = \"1\"", "unknown field"),
        ] {
            let error = toml::from_str::<PrinterSetup>(text).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
