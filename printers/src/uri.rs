//! Where a printer is and what it speaks: `driver.transport://address`.

use std::fmt;
use std::str::FromStr;

/// What a printer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// Datecs, group A.
    DatecsP,
    /// Datecs, group B.
    DatecsC,
    /// Datecs, group C.
    DatecsX,
    /// Eltrade.
    Eltrade,
    /// Daisy.
    Daisy,
    /// Incotex.
    Incotex,
    /// ISL Ltd.
    Icp,
    /// Tremol.
    Zfp,
    /// Tremol, models that end in V2.
    ZfpV2,
    /// A plain receipt or kitchen printer, not fiscal.
    EscPos,
}

impl Driver {
    /// Every driver. The fiscal ones stand in the order in which an unknown device is asked.
    pub const ALL: [Self; 10] = [
        Self::DatecsX,
        Self::DatecsC,
        Self::DatecsP,
        Self::Eltrade,
        Self::Daisy,
        Self::Incotex,
        Self::Icp,
        Self::Zfp,
        Self::ZfpV2,
        Self::EscPos,
    ];

    /// Its name in a URI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DatecsP => "bg.dt.p.isl",
            Self::DatecsC => "bg.dt.c.isl",
            Self::DatecsX => "bg.dt.x.isl",
            Self::Eltrade => "bg.ed.isl",
            Self::Daisy => "bg.dy.isl",
            Self::Incotex => "bg.in.isl",
            Self::Icp => "bg.is.icp",
            Self::Zfp => "bg.zk.zfp",
            Self::ZfpV2 => "bg.zk.v2.zfp",
            Self::EscPos => "escpos",
        }
    }
}

/// The way to a printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A serial port: 8 data bits, no parity, one stop bit, no flow control.
    Com {
        /// Its name, as the operating system has it.
        port: String,
        /// Bits a second.
        baud: u32,
    },
    /// A TCP connection.
    Tcp {
        /// A name or an address; an IPv6 address without its brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A file that documents are appended to, in a folder that is configured elsewhere. Nothing
    /// there ever answers. Only for printers that print without answering.
    Capture {
        /// The file's name: letters, digits, `.`, `_` and `-`, no dot at the beginning.
        name: String,
    },
}

/// The speed that a serial URI leaves out.
pub const DEFAULT_BAUD: u32 = 115_200;
/// The port that a TCP URI leaves out.
pub const DEFAULT_PORT: u16 = 9100;

/// Where a printer is and what it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// What it speaks.
    pub driver: Driver,
    /// The way to it.
    pub transport: Transport,
}

/// Why a URI names no printer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// The text has no `://`.
    #[error("\"{0}\" is no printer URI: write it like bg.dt.p.isl.tcp://192.168.1.77:9100")]
    Grammar(String),
    /// No driver has this name.
    #[error("no driver is called \"{0}\"")]
    Driver(String),
    /// The driver does not work over this transport.
    #[error(
        "\"{0}\" is no transport here: printers are reached over com or tcp, escpos also over capture"
    )]
    Transport(String),
    /// The address is empty, or its port is no port.
    #[error("\"{0}\" is no address for this transport")]
    Address(String),
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (key, address) = text
            .split_once("://")
            .ok_or_else(|| UriError::Grammar(text.to_owned()))?;
        let (driver, transport) = key
            .rsplit_once('.')
            .ok_or_else(|| UriError::Grammar(text.to_owned()))?;
        let driver = Driver::ALL
            .into_iter()
            .find(|known| known.name() == driver)
            .ok_or_else(|| UriError::Driver(driver.to_owned()))?;
        let refused = || UriError::Address(address.to_owned());
        let transport = match transport {
            "com" => com(address),
            "tcp" => tcp(address),
            "capture" if driver == Driver::EscPos => capture(address),
            _ => return Err(UriError::Transport(transport.to_owned())),
        };
        let transport = transport.ok_or_else(refused)?;
        Ok(Self { driver, transport })
    }
}

/// Paths below `/dev/serial/by-path` contain colons: only digits after the last one are a speed.
fn com(address: &str) -> Option<Transport> {
    let speed = |(port, baud): (&str, &str)| {
        let digits = !baud.is_empty() && baud.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| (port.to_owned(), baud.to_owned()))
    };
    let Some((port, baud)) = address.rsplit_once(':').and_then(speed) else {
        let port = printable(address)?;
        return Some(Transport::Com {
            port,
            baud: DEFAULT_BAUD,
        });
    };
    let baud = baud.parse().ok().filter(|baud| *baud > 0)?;
    Some(Transport::Com {
        port: printable(&port)?,
        baud,
    })
}

fn tcp(address: &str) -> Option<Transport> {
    let bracketed = address
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':')?)),
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let port = match port {
        None => DEFAULT_PORT,
        Some(port) => Some(port)
            .filter(digits)
            .and_then(|port| port.parse().ok())
            .filter(|port| *port > 0)?,
    };
    let host = printable(host).filter(|host| !host.contains(['/', '@', '?', '#', '[', ']']))?;
    Some(Transport::Tcp { host, port })
}

/// The name is a file's, so it must lead nowhere else.
fn capture(address: &str) -> Option<Transport> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let sound = !address.is_empty() && !address.starts_with('.') && address.bytes().all(allowed);
    sound.then(|| Transport::Capture {
        name: address.to_owned(),
    })
}

fn printable(text: &str) -> Option<String> {
    let strange = |char: char| char.is_control() || char.is_whitespace();
    (!text.is_empty() && !text.contains(strange)).then(|| text.to_owned())
}

impl fmt::Display for Uri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driver = self.driver.name();
        match &self.transport {
            Transport::Com { port, baud } if *baud == DEFAULT_BAUD => {
                write!(formatter, "{driver}.com://{port}")
            }
            Transport::Com { port, baud } => write!(formatter, "{driver}.com://{port}:{baud}"),
            Transport::Tcp { host, port } if host.contains(':') => {
                write!(formatter, "{driver}.tcp://[{host}]:{port}")
            }
            Transport::Tcp { host, port } => write!(formatter, "{driver}.tcp://{host}:{port}"),
            Transport::Capture { name } => write!(formatter, "{driver}.capture://{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documented_uris_are_read() {
        for (text, written) in [
            ("bg.dy.isl.com://COM5", "bg.dy.isl.com://COM5"),
            ("bg.dt.p.isl.com://COM5:115200", "bg.dt.p.isl.com://COM5"),
            (
                "bg.is.icp.com:///dev/ttyS0:9600",
                "bg.is.icp.com:///dev/ttyS0:9600",
            ),
            (
                "bg.dt.x.isl.com:///dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0",
                "bg.dt.x.isl.com:///dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0",
            ),
            (
                "bg.zk.v2.zfp.tcp://fp5.mycompany.com",
                "bg.zk.v2.zfp.tcp://fp5.mycompany.com:9100",
            ),
            (
                "bg.dt.p.isl.tcp://192.168.1.77:4999",
                "bg.dt.p.isl.tcp://192.168.1.77:4999",
            ),
            ("escpos.tcp://[fe80::1]:9100", "escpos.tcp://[fe80::1]:9100"),
            (
                "escpos.capture://Kitchen_1.bin",
                "escpos.capture://Kitchen_1.bin",
            ),
        ] {
            assert_eq!(text.parse::<Uri>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_printer_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<Uri>().unwrap_err();
        for text in ["", "COM5", "isl://x"] {
            assert!(matches!(refused(text), UriError::Grammar(_)), "{text}");
        }
        for text in ["bg.DT.p.isl.com://COM5", "bg.sis.json.http://10.0.0.7"] {
            assert!(matches!(refused(text), UriError::Driver(_)), "{text}");
        }
        for text in [
            "bg.zk.zfp.http://fp5.mycompany.com",
            "bg.zk.zfp.capture://paper",
            "escpos.usb://1",
        ] {
            assert!(matches!(refused(text), UriError::Transport(_)), "{text}");
        }
        for address in [
            "", ":1", "h:", "h:0", "h:65536", "h:+1", "h:1:2", "a b", "h/x", "[::1", "[::1]9",
        ] {
            let text = format!("bg.zk.zfp.tcp://{address}");
            assert!(matches!(refused(&text), UriError::Address(_)), "{text}");
        }
        for address in ["", ".hidden", "..", "a/b", "a b", "каса", "a\\b", "a\0b"] {
            let text = format!("escpos.capture://{address}");
            assert!(matches!(refused(&text), UriError::Address(_)), "{text}");
        }
        for address in ["", ":9600", "COM1:0", "COM1:99999999999"] {
            let text = format!("bg.zk.zfp.com://{address}");
            assert!(matches!(refused(&text), UriError::Address(_)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(address in "\\PC{0,30}", driver in 0usize..10, way in 0usize..3) {
            let transport = ["com", "tcp", "capture"][way];
            let text = format!("{}.{transport}://{address}", Driver::ALL[driver].name());
            if let Ok(uri) = text.parse::<Uri>() {
                prop_assert_eq!(uri.to_string().parse::<Uri>().unwrap(), uri);
            }
        }
    }
}
