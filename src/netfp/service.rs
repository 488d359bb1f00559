//! What the print server says about itself, and lets programs on its own machine change.

use super::act::read;
use super::bind::{Faults, Misfits, Object, json};
use super::caller::Caller;
use super::problem::Problem;
use super::route::Wanted;
use super::{Door, Reply};
use crate::json::Value;
use crate::print::service::ServiceState;
use axum::extract::Request;
use axum::http::Method;
use daybook_printers::uri::Uri;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// What may stand between the names of ports. A colon is part of some names.
const SEPARATORS: [char; 4] = [',', ';', ' ', '|'];

/// How long the search may stay at one port. Unit: seconds.
const TIMEOUTS: std::ops::RangeInclusive<i64> = 1..=600;

/// Longest id of a printer. Unit: characters.
const ID_CHARS: usize = 64;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vars {
    version: &'static str,
    server_id: String,
    auto_detect: bool,
    udp_beacon_port: u16,
    exclude_port_list: String,
    detection_timeout: u64,
    web_access: WebAccess,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WebAccess {
    allowed_origins: Vec<String>,
    enable_private_network: bool,
}

#[derive(Serialize)]
struct Configured {
    uri: String,
}

/// A change of what holds.
type Change = Box<dyn FnOnce(&mut ServiceState) + Send>;

impl Door {
    /// Answers a request below `/service`.
    pub(super) async fn service(
        &self,
        caller: &Caller,
        wanted: Wanted,
        request: Request,
    ) -> Result<Reply, Problem> {
        let service = self.printers.service();
        let post = request.method() == Method::POST;
        let shows = matches!(wanted, Wanted::Vars | Wanted::Printers)
            || (wanted == Wanted::Properties && !post);
        if !shows {
            if !caller.is_here {
                return Err(Problem::Locked(
                    "The print server is changed from its own machine alone",
                ));
            }
            let bytes = read(request).await?;
            let change = match wanted {
                Wanted::Stop => {
                    return Err(Problem::Locked("The service is not stopped over HTTP"));
                }
                Wanted::Detect => self.search()?,
                Wanted::Delete => {
                    let id = deleted(&bytes)?;
                    if !service.see(|state| state.printers.contains_key(&id)) {
                        return Err(Problem::Locked("There is no such configured printer"));
                    }
                    Box::new(move |state: &mut ServiceState| {
                        state.printers.remove(&id);
                    })
                }
                _ => change(wanted, &bytes)?,
            };
            service.change(change);
        }
        Ok(service.see(|state| match wanted {
            Wanted::Printers | Wanted::Configure | Wanted::Delete => Reply::of(&printers(state)),
            Wanted::Properties => Reply::of(&state.properties),
            _ => Reply::of(&vars(state)),
        }))
    }

    /// Another search, unless printers have something to do.
    fn search(&self) -> Result<Change, Problem> {
        let books = self.ledger.books();
        let busy = books
            .iter()
            .any(|book| book.views().printer_job.busy().next().is_some());
        if busy {
            return Err(Problem::Locked("Printers have something to do: ask later"));
        }
        Ok(Box::new(|state| state.searches += 1))
    }
}

fn printers(state: &ServiceState) -> BTreeMap<&str, Configured> {
    let named = state.printers.iter();
    let shown = named.map(|(id, uri)| {
        let uri = uri.to_string();
        (id.as_str(), Configured { uri })
    });
    shown.collect()
}

fn vars(state: &ServiceState) -> Vars {
    let excluded: Vec<&str> = state.excluded.iter().map(String::as_str).collect();
    Vars {
        version: env!("CARGO_PKG_VERSION"),
        server_id: state.server_id.clone(),
        auto_detect: state.auto_detect,
        // Nothing is announced.
        udp_beacon_port: 0,
        exclude_port_list: excluded.join(","),
        detection_timeout: state.detection_timeout.as_secs(),
        web_access: WebAccess {
            allowed_origins: state.allowed_origins.clone(),
            enable_private_network: state.private_network,
        },
    }
}

/// The change that a body asks for.
fn change(wanted: Wanted, bytes: &[u8]) -> Result<Change, Misfits> {
    if wanted == Wanted::ToggleAutoDetect {
        return Ok(Box::new(|state| state.auto_detect = !state.auto_detect));
    }
    let value = json(bytes)?;
    let faults = Faults::default();
    let body = Object::body(&value, &faults);
    let change: Change = match wanted {
        Wanted::Configure => {
            let id = id(&body);
            let uri: Option<Uri> = match body.text("uri").parse() {
                Ok(uri) => Some(uri),
                Err(error) => {
                    body.fault("uri", error.to_string());
                    None
                }
            };
            Box::new(move |state| state.printers.extend(uri.map(|uri| (id, uri))))
        }
        Wanted::Properties => {
            let members = body.members().iter().cloned();
            let properties: BTreeMap<String, Value> = members.collect();
            Box::new(move |state| state.properties = properties)
        }
        Wanted::ExcludePorts => {
            let list = body.text("excludePortList");
            let ports = list.split(SEPARATORS).filter(|port| !port.is_empty());
            let ports = ports.map(str::to_owned).collect();
            Box::new(move |state| state.excluded = ports)
        }
        Wanted::DetectionTimeout => {
            let seconds = body.integer("detectionTimeout");
            let seconds = seconds.filter(|seconds| TIMEOUTS.contains(seconds));
            if seconds.is_none() {
                body.fault("detectionTimeout", "This should be 1 to 600 seconds");
            }
            let seconds = seconds.and_then(|it| u64::try_from(it).ok());
            let timeout = Duration::from_secs(seconds.unwrap_or_default());
            Box::new(move |state| state.detection_timeout = timeout)
        }
        _ => web_access(&body.object("webAccess").unwrap_or(body)),
    };
    faults.unless(change)
}

/// What is left out stays as it is.
fn web_access(body: &Object<'_>) -> Change {
    let private = body.flag("enablePrivateNetwork");
    let listed = body.list("allowedOrigins");
    let origins: Option<Vec<String>> = listed
        .iter()
        .map(|origin| origin.as_str().map(str::to_owned))
        .collect();
    if origins.is_none() {
        body.fault("allowedOrigins", "This should be a list of texts");
    }
    let origins = origins.filter(|_| body.has("allowedOrigins"));
    Box::new(move |state| {
        state.allowed_origins = origins.unwrap_or_else(|| state.allowed_origins.clone());
        state.private_network = private.unwrap_or(state.private_network);
    })
}

fn deleted(bytes: &[u8]) -> Result<String, Misfits> {
    let value = json(bytes)?;
    let faults = Faults::default();
    let id = id(&Object::body(&value, &faults));
    faults.unless(id)
}

/// The id of a printer, which must be able to stand in a path.
fn id(body: &Object<'_>) -> String {
    let id = body.text("id");
    let length = id.chars().count();
    let strange = |char: char| char.is_control() || char == '/';
    if !(1..=ID_CHARS).contains(&length)
        || id.contains(strange)
        || id.eq_ignore_ascii_case("taskinfo")
    {
        body.fault(
            "id",
            "This should be 1 to 64 characters without \"/\", and not \"taskinfo\"",
        );
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn state() -> ServiceState {
        ServiceState {
            server_id: "till-1".to_owned(),
            auto_detect: true,
            excluded: BTreeSet::new(),
            detection_timeout: Duration::from_secs(30),
            allowed_origins: vec!["https://shop.example".to_owned()],
            private_network: false,
            printers: BTreeMap::new(),
            properties: BTreeMap::new(),
            searches: 0,
        }
    }

    fn changed(wanted: Wanted, body: &str) -> ServiceState {
        let mut state = state();
        change(wanted, body.as_bytes()).unwrap()(&mut state);
        state
    }

    #[test]
    fn the_variables_are_those_of_the_protocol() {
        let state = changed(
            Wanted::ExcludePorts,
            r#"{"excludePortList":"COM1; COM2|/dev/serial/by-path/pci-0000:00"}"#,
        );
        let text = serde_json::to_string(&vars(&state)).unwrap();
        let expected = concat!(
            r#"{"version":""#,
            env!("CARGO_PKG_VERSION"),
            r#"","serverId":"till-1","autoDetect":true,"udpBeaconPort":0,"#,
            r#""excludePortList":"/dev/serial/by-path/pci-0000:00,COM1,COM2","detectionTimeout":30,"#,
            r#""webAccess":{"allowedOrigins":["https://shop.example"],"enablePrivateNetwork":false}}"#,
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn each_change_changes_one_thing() {
        assert!(!changed(Wanted::ToggleAutoDetect, "").auto_detect);
        let state = changed(Wanted::DetectionTimeout, r#"{"detectionTimeout":"5"}"#);
        assert_eq!(state.detection_timeout, Duration::from_secs(5));
        let state = changed(
            Wanted::WebAccess,
            r#"{"webAccess":{"enablePrivateNetwork":true}}"#,
        );
        assert!(state.private_network && state.allowed_origins.len() == 1);
        let state = changed(Wanted::WebAccess, r#"{"allowedOrigins":[]}"#);
        assert!(!state.private_network && state.allowed_origins.is_empty());
        let body = r#"{"id":"FP_Room1","uri":"bg.dt.p.isl.tcp://192.0.2.9:9100"}"#;
        let shown = serde_json::to_string(&printers(&changed(Wanted::Configure, body))).unwrap();
        assert_eq!(
            shown,
            r#"{"FP_Room1":{"uri":"bg.dt.p.isl.tcp://192.0.2.9:9100"}}"#
        );
        let body = r#"{"DT279013":{"printerOptions":{"posId":1.50}}}"#;
        let state = changed(Wanted::Properties, body);
        assert_eq!(serde_json::to_string(&state.properties).unwrap(), body);
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        for (wanted, body, path) in [
            (Wanted::Configure, r#"{"id":"x","uri":"COM5"}"#, "uri"),
            (
                Wanted::Configure,
                r#"{"id":"TaskInfo","uri":"escpos.tcp://h"}"#,
                "id",
            ),
            (
                Wanted::Configure,
                r#"{"id":"a/b","uri":"escpos.tcp://h"}"#,
                "id",
            ),
            (
                Wanted::DetectionTimeout,
                r#"{"detectionTimeout":0}"#,
                "detectionTimeout",
            ),
            (
                Wanted::WebAccess,
                r#"{"allowedOrigins":[5]}"#,
                "allowedOrigins",
            ),
            (Wanted::ExcludePorts, "[]", "$"),
        ] {
            let misfits = change(wanted, body.as_bytes()).err().unwrap();
            assert!(misfits.0.contains_key(path), "{wanted:?} {body}");
        }
        assert!(deleted(b"{}").is_err());
        assert_eq!(deleted(br#"{"ID":"x"}"#).as_deref(), Ok("x"));
    }
}
