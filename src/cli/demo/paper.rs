//! The demo's printers: simulated devices, so that paper can be seen without any.

use super::super::{CliError, Output};
use crate::clock;
use crate::print::{PrinterSetup, Setup};
use crate::simulator::Simulator;
use crate::zone::local;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::uri::{Driver, Transport, Uri};
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;

/// The printers of the venues' files: the cash desk's, and the kitchen's.
const DESK: (&str, Driver) = ("FP_Room1", Driver::DatecsX);
const KITCHEN: (&str, Driver) = ("kitchen", Driver::EscPos);

/// Simulated devices, as long as this lives.
pub(super) struct Devices {
    simulators: Vec<Simulator>,
    sheets: Vec<UnboundedReceiver<Sheet>>,
    /// What the server has to know of them.
    pub(super) setup: Setup,
}

/// The venue's file, with printers that print by themselves.
pub(super) fn printing(file: &str) -> Result<String, CliError> {
    let wrong = |error: serde_json::Error| CliError::Outside(error.to_string());
    let mut venue: Value = serde_json::from_str(file).map_err(wrong)?;
    for printer in venue["printers"].as_array_mut().into_iter().flatten() {
        if printer["id"] == KITCHEN.0 {
            printer["categories"] = json!(["kitchen"]);
            printer["code_page"] = json!("cp1251");
        } else {
            printer["receipts"] = json!("needed");
        }
    }
    for product in venue["products"].as_array_mut().into_iter().flatten() {
        product["category"] = json!("kitchen");
    }
    Ok(venue.to_string())
}

impl Devices {
    /// Switches the devices on. Their numbers go on behind `documents`, which is more than a device of
    /// an earlier demo can have printed.
    pub(super) fn start(documents: u64) -> Result<Self, CliError> {
        let mut devices = Self {
            simulators: Vec::new(),
            sheets: Vec::new(),
            setup: Setup::default(),
        };
        let mut printers = BTreeMap::new();
        for (id, driver) in [DESK, KITCHEN] {
            let mut device = Simulated::new(driver);
            if let Some(till) = device.till_mut() {
                till.number += u32::try_from(documents).unwrap_or_default();
            }
            let (mut simulator, sheets) = Simulator::new(device);
            let failed = |error| CliError::Outside(format!("the demo's printer: {error}"));
            simulator.start_clock(local(clock::now(), &TimeZone::UTC).datetime());
            let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
            let address = simulator.serve_tcp(listener).map_err(failed)?;
            let (host, port) = (address.ip().to_string(), address.port());
            let transport = Transport::Tcp { host, port };
            printers.insert(id.to_owned(), PrinterSetup::at(Uri { driver, transport }));
            devices.simulators.push(simulator);
            devices.sheets.push(sheets);
        }
        devices.setup.printers = printers;
        Ok(devices)
    }

    /// Shows what comes out, until the demo ends.
    pub(super) async fn show(mut self, json: bool) {
        let output = Output::new(json);
        let output = &output;
        let sheets = std::mem::take(&mut self.sheets);
        let shown = sheets.into_iter().map(|mut sheets| async move {
            while let Some(sheet) = sheets.recv().await {
                output.say(&format!("\n{}\n", sheet.text.join("\n")));
            }
        });
        join_all(shown).await;
    }
}
