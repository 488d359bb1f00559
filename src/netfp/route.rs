//! Which path is what, and which method it takes.

use axum::http::Method;

/// What a printer can be asked for, as the protocol names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Cash,
    CreditNote,
    Datetime,
    Deposit,
    Duplicate,
    Invoice,
    RawRequest,
    Receipt,
    Reset,
    ReversalReceipt,
    Withdraw,
    XReport,
    ZReport,
}

/// The names of [`Action`].
pub(super) const ACTIONS: [(&str, Action); 13] = [
    ("cash", Action::Cash),
    ("creditnote", Action::CreditNote),
    ("datetime", Action::Datetime),
    ("deposit", Action::Deposit),
    ("duplicate", Action::Duplicate),
    ("invoice", Action::Invoice),
    ("rawrequest", Action::RawRequest),
    ("receipt", Action::Receipt),
    ("reset", Action::Reset),
    ("reversalreceipt", Action::ReversalReceipt),
    ("withdraw", Action::Withdraw),
    ("xreport", Action::XReport),
    ("zreport", Action::ZReport),
];

/// What the service can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Configure,
    Delete,
    Detect,
    DetectionTimeout,
    ExcludePorts,
    Printers,
    Properties,
    Stop,
    ToggleAutoDetect,
    Vars,
    WebAccess,
}

/// The paths of [`Wanted`], each with what it takes.
pub(super) const SERVICE: [(&str, Wanted, &str); 11] = [
    ("detect", Wanted::Detect, "GET"),
    ("detectiontimeout", Wanted::DetectionTimeout, "POST"),
    ("excludeports", Wanted::ExcludePorts, "POST"),
    ("printers", Wanted::Printers, "GET"),
    ("printers/configure", Wanted::Configure, "POST"),
    ("printers/delete", Wanted::Delete, "POST"),
    ("printersprops", Wanted::Properties, "GET, POST"),
    ("stop", Wanted::Stop, "GET"),
    ("toggleautodetect", Wanted::ToggleAutoDetect, "GET"),
    ("vars", Wanted::Vars, "GET"),
    ("webaccess", Wanted::WebAccess, "POST"),
];

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// `/printers`
    Printers,
    /// `/printers/taskinfo`
    TaskInfo,
    /// `/printers/{id}`
    Printer(String),
    /// `/printers/{id}/status`
    Status(String),
    /// `/printers/{id}/{action}`
    Act(String, Action),
    /// `/service/…`
    Service(Wanted),
}

impl Endpoint {
    /// The endpoint of a path; a slash at its end is tolerated. Names of ours may be of any case.
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(rest) = path.strip_prefix("/service/") {
            let mut known = SERVICE.iter();
            let found = known.find(|(name, ..)| name.eq_ignore_ascii_case(rest));
            return found.map(|(_, wanted, _)| Self::Service(*wanted));
        }
        let rest = path.strip_prefix("/printers")?;
        if rest.is_empty() {
            return Some(Self::Printers);
        }
        let mut parts = rest.strip_prefix('/')?.split('/');
        let id = parts.next().filter(|id| !id.is_empty())?;
        match (parts.next(), parts.next()) {
            (None, _) if id.eq_ignore_ascii_case("taskinfo") => Some(Self::TaskInfo),
            (None, _) => Some(Self::Printer(decoded(id)?)),
            (Some(action), None) if action.eq_ignore_ascii_case("status") => {
                Some(Self::Status(decoded(id)?))
            }
            (Some(action), None) => {
                let mut known = ACTIONS.iter();
                let (_, action) = known.find(|(name, _)| name.eq_ignore_ascii_case(action))?;
                Some(Self::Act(decoded(id)?, *action))
            }
            _ => None,
        }
    }

    /// The methods that it takes.
    fn methods(&self) -> &'static str {
        match self {
            Self::Printers
            | Self::TaskInfo
            | Self::Printer(_)
            | Self::Status(_)
            | Self::Act(_, Action::Cash) => "GET",
            Self::Act(..) => "POST",
            Self::Service(wanted) => {
                let mut known = SERVICE.iter();
                let found = known.find(|(_, one, _)| one == wanted);
                found.map_or("GET", |(_, _, methods)| methods)
            }
        }
    }

    /// Whether it takes the method. `HEAD` is taken where nothing follows from a `GET`.
    pub(super) fn takes(&self, method: &Method) -> bool {
        let harmless = !matches!(
            self,
            Self::Act(..) | Self::Service(Wanted::Detect | Wanted::Stop | Wanted::ToggleAutoDetect)
        );
        let method = match method {
            &Method::HEAD if harmless => &Method::GET,
            method => method,
        };
        let mut methods = self.methods().split(", ");
        methods.any(|taken| taken == method.as_str())
    }

    /// What stands in `Allow`.
    pub(super) fn allow(&self) -> String {
        let head = if self.takes(&Method::HEAD) {
            "HEAD, "
        } else {
            ""
        };
        format!("{}, {head}OPTIONS", self.methods())
    }

    /// Whether it is about printers, which must have been searched for.
    pub(super) const fn is_of_printers(&self) -> bool {
        !matches!(self, Self::Service(_))
    }

    /// A known name for figures, never a client's text.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Printers => "printers",
            Self::TaskInfo => "taskinfo",
            Self::Printer(_) => "printer",
            Self::Status(_) => "status",
            Self::Act(_, action) => {
                let mut known = ACTIONS.iter();
                let found = known.find(|(_, one)| one == action);
                found.map_or("act", |(name, _)| name)
            }
            Self::Service(_) => "service",
        }
    }
}

/// A part of a path without its percent signs. Nothing when that is no text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_endpoints() {
        let id = || "FP_Room1".to_owned();
        for (path, endpoint) in [
            ("/printers", Some(Endpoint::Printers)),
            ("/printers/", Some(Endpoint::Printers)),
            ("/printers/taskinfo", Some(Endpoint::TaskInfo)),
            ("/printers/TaskInfo/", Some(Endpoint::TaskInfo)),
            ("/printers/FP_Room1", Some(Endpoint::Printer(id()))),
            ("/printers/FP%5FRoom1/", Some(Endpoint::Printer(id()))),
            ("/printers/FP_Room1/status", Some(Endpoint::Status(id()))),
            (
                "/printers/FP_Room1/ZReport/",
                Some(Endpoint::Act(id(), Action::ZReport)),
            ),
            ("/service/vars", Some(Endpoint::Service(Wanted::Vars))),
            (
                "/service/printers/configure/",
                Some(Endpoint::Service(Wanted::Configure)),
            ),
            ("/printers//", None),
            ("/printers/FP_Room1/other", None),
            ("/printers/FP_Room1/receipt/1", None),
            ("/printers/FP%5/status", None),
            ("/printers/FP%zz", None),
            ("/printers/%ff", None),
            ("/printersx", None),
            ("/service", None),
            ("/service/", None),
            ("/service/other", None),
        ] {
            assert_eq!(Endpoint::of(path), endpoint, "{path}");
        }
    }

    #[test]
    fn methods_are_those_of_the_protocol() {
        for (path, allow) in [
            ("/printers", "GET, HEAD, OPTIONS"),
            ("/printers/x/status", "GET, HEAD, OPTIONS"),
            // Asking for the drawer is a task: it is recorded.
            ("/printers/x/cash", "GET, OPTIONS"),
            ("/printers/x/receipt", "POST, OPTIONS"),
            ("/service/printersprops", "GET, POST, HEAD, OPTIONS"),
            ("/service/toggleautodetect", "GET, OPTIONS"),
        ] {
            assert_eq!(Endpoint::of(path).unwrap().allow(), allow, "{path}");
        }
        let receipt = Endpoint::of("/printers/x/receipt").unwrap();
        assert!(receipt.takes(&Method::POST) && !receipt.takes(&Method::GET));
        for (name, action) in ACTIONS {
            assert_eq!(Endpoint::Act(String::new(), action).name(), name);
        }
    }
}
