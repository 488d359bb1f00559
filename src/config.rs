//! Settings of a server: flags over `DAYBOOK_*` variables over the file over the defaults.
//!
//! The one place that reads them. `daybook serve` with nothing at all runs on the embedded store in
//! `./daybook-data` and listens on loopback.

mod kafka;

pub use kafka::KafkaArgs;

use crate::peer::TrustedProxy;
use crate::print::{self, PrinterSetup};
use crate::publish;
use crate::qr::payment::{Hosted, HostedError, Setup};
use crate::store::StoreArgs;
use clap::Args;
use daybook_schema::LogName;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where a server listens when nothing is said.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// What the command line and the environment say.
#[derive(Args, Debug, Default)]
pub struct ServerArgs {
    /// Settings file (TOML); flags and DAYBOOK_* variables beat it
    #[arg(long, value_name = "FILE", env = "DAYBOOK_CONFIG")]
    pub config: Option<PathBuf>,

    /// Which store.
    #[command(flatten)]
    pub store: StoreArgs,

    /// Address to listen on; repeat for the ports that tills hard-code [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "ADDR",
        env = "DAYBOOK_LISTEN",
        value_delimiter = ','
    )]
    pub listen: Vec<SocketAddr>,

    /// This node's name, in health and logs; each server of a store needs its own, since what a node
    /// begins to print it also ends after a restart [default: daybook]
    #[arg(long, value_name = "NAME", env = "DAYBOOK_NODE")]
    pub node: Option<String>,

    /// Whether the ConcertPOS budgets count; "off" is for load tests [default: on]
    #[arg(long, value_name = "on|off", env = "DAYBOOK_RATE_LIMIT")]
    pub rate_limit: Option<Switch>,

    /// Proxy, or network of them, whose X-Forwarded-For, X-Forwarded-Proto and Forwarded count;
    /// repeatable [default: none]
    #[arg(
        long = "trusted-proxy",
        value_name = "ADDR|CIDR",
        env = "DAYBOOK_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<TrustedProxy>,

    /// The instance that requests without a credential belong to [default: the only one]
    #[arg(long, value_name = "SLUG", env = "DAYBOOK_INSTANCE")]
    pub instance: Option<LogName>,

    /// Whether programs on this machine may log in to lanes (FD1) without a key [default: on]
    #[arg(long, value_name = "on|off", env = "DAYBOOK_TRUST_LOOPBACK")]
    pub trust_loopback: Option<Switch>,

    /// Hosted page on which guests at tables pay; needs the secret it shares with us [default:
    /// guests pay their waiter]
    #[arg(long, value_name = "URL", env = "DAYBOOK_PAYMENT_URL")]
    pub payment_url: Option<String>,

    /// File with that secret; the variable `DAYBOOK_PAYMENT_SECRET` may hold it instead
    #[arg(long, value_name = "FILE", env = "DAYBOOK_PAYMENT_SECRET_FILE")]
    pub payment_secret_file: Option<PathBuf>,

    // A variable only: the command line of a process is no secret.
    #[arg(
        hide = true,
        long,
        env = "DAYBOOK_PAYMENT_SECRET",
        hide_env_values = true
    )]
    payment_secret: Option<String>,

    /// Whether serial ports are searched for fiscal printers; nothing is printed [default: off]
    #[arg(long, value_name = "on|off", env = "DAYBOOK_DETECT_PRINTERS")]
    pub detect_printers: Option<Switch>,

    /// Serial port to search though the system does not list it; repeatable [default: none]
    #[arg(
        long = "serial-port",
        value_name = "PATH",
        env = "DAYBOOK_SERIAL_PORTS",
        value_delimiter = ','
    )]
    pub serial_ports: Vec<String>,

    /// Whether this node prints what sales ask for; with several nodes, on where the printers are
    /// [default: on]
    #[arg(long, value_name = "on|off", env = "DAYBOOK_PRINT")]
    pub print: Option<Switch>,

    /// Directory of the files that printers at `escpos.capture://NAME` print to [default: none]
    #[arg(long, value_name = "DIR", env = "DAYBOOK_PRINTER_CAPTURES")]
    pub printer_captures: Option<PathBuf>,

    /// Publishing into Kafka.
    #[command(flatten)]
    pub kafka: KafkaArgs,

    /// How to write the service's own log [default: text]
    #[arg(long, value_name = "text|json", env = "DAYBOOK_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,

    /// What to log, for example info or daybook=debug [default: info]
    #[arg(long, value_name = "FILTER", env = "DAYBOOK_LOG")]
    pub log: Option<String>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// How the service's own log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The settings file: the same names as the flags, with `_` for `-`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    database_url: Option<String>,
    #[serde(default)]
    listen: Vec<SocketAddr>,
    node: Option<String>,
    rate_limit: Option<Switch>,
    #[serde(default)]
    trusted_proxies: Vec<TrustedProxy>,
    instance: Option<LogName>,
    trust_loopback: Option<Switch>,
    payment_url: Option<String>,
    #[serde(rename = "payment_secret_file")]
    payment_secret: Option<PathBuf>,
    detect_printers: Option<Switch>,
    #[serde(default)]
    serial_ports: Vec<String>,
    #[serde(default)]
    excluded_serial_ports: BTreeSet<String>,
    print: Option<Switch>,
    printer_captures: Option<PathBuf>,
    #[serde(default)]
    print_origins: Vec<String>,
    #[serde(default)]
    print_private_network: bool,
    #[serde(default)]
    printers: BTreeMap<String, PrinterSetup>,
    #[serde(default)]
    kafka: kafka::KafkaFile,
    log_format: Option<LogFormat>,
    log: Option<String>,
}

/// The settings that hold.
#[derive(Debug)]
pub struct Config {
    /// Which store.
    pub store: StoreArgs,
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// This node's name.
    pub node: String,
    /// Whether budgets count.
    pub rate_limit: bool,
    /// Whose word about their clients counts.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The instance of requests without a credential; nothing stands for the only one.
    pub instance: Option<LogName>,
    /// Whether programs on this machine may log in to lanes without a key.
    pub trust_loopback: bool,
    /// Who takes the payments of guests at tables.
    pub payments: Setup,
    /// Printers, and where to look for them.
    pub printers: print::Setup,
    /// What is published into Kafka; nothing when no broker is named.
    pub publish: Option<publish::Setup>,
    /// How the service's own log looks.
    pub log_format: LogFormat,
    /// What it holds.
    pub log: String,
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("the settings file {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It makes no sense.
    #[error("the settings file {0} is wrong: {1}")]
    Wrong(PathBuf, String),
    /// The secret file cannot be read.
    #[error("the payment secret {0} cannot be read: {1}")]
    Secret(PathBuf, std::io::Error),
    /// A payment page without a secret, or the other way round.
    #[error(
        "a payment page needs both: --payment-url, and --payment-secret-file or DAYBOOK_PAYMENT_SECRET"
    )]
    HalfPayment,
    /// A payment page that cannot be used.
    #[error(transparent)]
    Payment(#[from] HostedError),
    /// Settings of the Kafka client that cannot be used.
    #[error(transparent)]
    Kafka(#[from] daybook_kafka::SettingsError),
}

impl Config {
    /// Puts the settings together.
    ///
    /// # Errors
    /// When the settings file cannot be used.
    pub fn new(args: ServerArgs) -> Result<Self, ConfigError> {
        let file = args
            .config
            .as_deref()
            .map_or_else(|| Ok(File::default()), read)?;
        // A store on the command line replaces the file's as a whole, whichever kind it is.
        let named = args.store.data.is_some() || args.store.database_url.is_some();
        let from_file = StoreArgs {
            data: file.data,
            database_url: file.database_url,
        };
        let store = if named { args.store } else { from_file };
        let listen = [args.listen, file.listen]
            .into_iter()
            .find(|listen| !listen.is_empty());
        let trusted_proxies = [args.trusted_proxies, file.trusted_proxies]
            .into_iter()
            .find(|proxies| !proxies.is_empty());
        let payments = payments(
            args.payment_url.or(file.payment_url),
            args.payment_secret,
            args.payment_secret_file.or(file.payment_secret),
        )?;
        let extra = [args.serial_ports, file.serial_ports]
            .into_iter()
            .find(|ports| !ports.is_empty());
        let printers = print::Setup {
            print: args.print.or(file.print) != Some(Switch::Off),
            detect: args.detect_printers.or(file.detect_printers) == Some(Switch::On),
            excluded: file.excluded_serial_ports,
            extra: extra.unwrap_or_default(),
            origins: file.print_origins,
            private_network: file.print_private_network,
            captures: args.printer_captures.or(file.printer_captures),
            printers: file.printers,
            ..print::Setup::default()
        };
        let default_listen = || DEFAULT_LISTEN.parse().into_iter().collect();
        Ok(Self {
            store,
            listen: listen.unwrap_or_else(default_listen),
            node: args
                .node
                .or(file.node)
                .unwrap_or_else(|| "daybook".to_owned()),
            rate_limit: args.rate_limit.or(file.rate_limit) != Some(Switch::Off),
            trusted_proxies: trusted_proxies.unwrap_or_default(),
            instance: args.instance.or(file.instance),
            trust_loopback: args.trust_loopback.or(file.trust_loopback) != Some(Switch::Off),
            payments,
            printers,
            publish: kafka::setup(args.kafka, file.kafka)?,
            log_format: args
                .log_format
                .or(file.log_format)
                .unwrap_or(LogFormat::Text),
            log: args.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
        })
    }
}

fn payments(
    url: Option<String>,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
) -> Result<Setup, ConfigError> {
    let from_file = |path: PathBuf| {
        let read = std::fs::read_to_string(&path);
        read.map_err(|error| ConfigError::Secret(path, error))
    };
    // A file that is named beats the variable, which may be there for other programs.
    let secret = secret_file.map_or(Ok(secret), |path| from_file(path).map(Some))?;
    match (url, secret) {
        (None, None) => Ok(Setup::None),
        (Some(url), Some(secret)) => Ok(Setup::Hosted(Hosted::new(&url, &secret)?)),
        _ => Err(ConfigError::HalfPayment),
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
    let file: File = toml::from_str(&text)
        .map_err(|error| ConfigError::Wrong(path.to_owned(), error.message().to_owned()))?;
    if file.data.is_some() && file.database_url.is_some() {
        let why = "name data or database_url, not both".to_owned();
        return Err(ConfigError::Wrong(path.to_owned(), why));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_the_instance_come_from_either() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("daybook.toml");
        let text = "trusted_proxies = [\"10.0.0.0/8\", \"fd00::1\"]\ninstance = \"festival\"\n";
        std::fs::write(&path, text).unwrap();
        let configured = |trusted_proxies: &[&str], instance: Option<&str>| {
            let args = ServerArgs {
                config: Some(path.clone()),
                trusted_proxies: trusted_proxies
                    .iter()
                    .map(|text| text.parse().unwrap())
                    .collect(),
                instance: instance.map(|slug| slug.parse().unwrap()),
                ..ServerArgs::default()
            };
            let config = Config::new(args).unwrap();
            let proxies = config.trusted_proxies.iter().map(ToString::to_string);
            let proxies: Vec<String> = proxies.collect();
            (proxies.join(" "), config.instance.unwrap().to_string())
        };
        let from_file = ("10.0.0.0/8 fd00::1/128".to_owned(), "festival".to_owned());
        assert_eq!(configured(&[], None), from_file);
        let from_flags = ("192.0.2.1/32".to_owned(), "bar".to_owned());
        assert_eq!(configured(&["192.0.2.1"], Some("bar")), from_flags);
        let none = Config::new(ServerArgs::default()).unwrap();
        assert!(none.trusted_proxies.is_empty() && none.instance.is_none());
        for (text, why) in [
            (
                "trusted_proxies = [\"proxy\"]",
                "\"proxy\" is no address and no network",
            ),
            ("instance = \"No Slug\"", "is no instance slug"),
        ] {
            std::fs::write(&path, text).unwrap();
            let args = ServerArgs {
                config: Some(path.clone()),
                ..ServerArgs::default()
            };
            let error = Config::new(args).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_payment_page_has_an_address_and_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "0123456789abcdef\n").unwrap();
        let configured = |url: Option<&str>, secret: Option<&str>, file: Option<&Path>| {
            let args = ServerArgs {
                payment_url: url.map(str::to_owned),
                payment_secret: secret.map(str::to_owned),
                payment_secret_file: file.map(Path::to_owned),
                ..ServerArgs::default()
            };
            Config::new(args).map(|config| config.payments)
        };
        let page = Some("https://pay.example");
        assert!(matches!(configured(None, None, None), Ok(Setup::None)));
        for (secret, file) in [
            (Some("0123456789abcdef"), None),
            (None, Some(path.as_path())),
            (Some("short"), Some(path.as_path())),
        ] {
            assert!(matches!(
                configured(page, secret, file),
                Ok(Setup::Hosted(_))
            ));
        }
        let missing = dir.path().join("missing");
        for (url, secret, file, why) in [
            (page, None, None, "needs both"),
            (None, Some("0123456789abcdef"), None, "needs both"),
            (page, Some("short"), None, "fewer than 16"),
            (
                Some("pay.example"),
                Some("0123456789abcdef"),
                None,
                "write it like https://",
            ),
            (page, None, Some(missing.as_path()), "cannot be read"),
        ] {
            let error = configured(url, secret, file).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains("0123456789abcdef"), "{error}");
        }
    }

    #[test]
    fn flags_beat_the_file_and_the_file_beats_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("daybook.toml");
        let text =
            "database_url = \"postgres://x\"\nlisten = [\"127.0.0.1:1\"]\nrate_limit = \"off\"\n";
        std::fs::write(&path, text).unwrap();
        let args = ServerArgs {
            config: Some(path.clone()),
            ..ServerArgs::default()
        };
        let config = Config::new(args).unwrap();
        assert_eq!(config.store.database_url.as_deref(), Some("postgres://x"));
        assert_eq!(config.listen, ["127.0.0.1:1".parse().unwrap()]);
        assert!(!config.rate_limit);
        let store = StoreArgs {
            data: Some("here".into()),
            database_url: None,
        };
        let args = ServerArgs {
            config: Some(path.clone()),
            store,
            rate_limit: Some(Switch::On),
            ..ServerArgs::default()
        };
        let config = Config::new(args).unwrap();
        assert_eq!(
            (config.store.data, config.store.database_url),
            (Some("here".into()), None)
        );
        assert!(config.rate_limit);
        std::fs::write(&path, "listn = []").unwrap();
        let args = ServerArgs {
            config: Some(path),
            ..ServerArgs::default()
        };
        assert!(
            Config::new(args)
                .unwrap_err()
                .to_string()
                .contains("unknown field `listn`")
        );
    }
}
