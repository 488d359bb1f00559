//! Which printers there are: those of catalogues, of the settings, and what was found.

use super::service::Service;
use super::setup::{PrinterSetup, Setup};
use super::station::{Devices, Origin, Station};
use super::wire::Opener;
use crate::ledger::Book;
use daybook_printers::device::DeviceInfo;
use daybook_printers::escpos::document::Paper;
use daybook_printers::escpos::layout::Layout;
use daybook_printers::speak::Manner;
use daybook_printers::text::CodePage;
use daybook_printers::uri::{Transport, Uri};
use daybook_schema::facts::{self, Printer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The characters of a line where nobody says otherwise.
const COLUMNS: u8 = 42;

/// All printers of a node.
pub(super) struct Roster {
    opener: Opener,
    devices: Devices,
    /// What the settings say, by id.
    setups: BTreeMap<String, PrinterSetup>,
    /// Where the printers are that the settings or the service API named.
    service: Arc<Service>,
    /// Printers that were used, by who named them and how, each with what makes it what it is: once
    /// that changes, it is another one.
    stations: Mutex<BTreeMap<String, (String, Arc<Station>)>>,
    /// What was found, by id.
    found: Mutex<BTreeMap<String, Arc<Station>>>,
    searched: watch::Sender<bool>,
}

impl Roster {
    pub(super) fn new(opener: Opener, setup: &Setup, service: Arc<Service>) -> Self {
        Self {
            opener,
            devices: Devices::default(),
            setups: setup.printers.clone(),
            service,
            stations: Mutex::default(),
            found: Mutex::default(),
            searched: watch::Sender::new(!setup.detect),
        }
    }

    pub(super) const fn opener(&self) -> &Opener {
        &self.opener
    }

    /// Whether the first search is over.
    pub(super) fn is_searched(&self) -> bool {
        *self.searched.borrow()
    }

    pub(super) fn searched(&self) {
        self.searched.send_replace(true);
    }

    /// Waits until the first search is over.
    pub(super) async fn wait_searched(&self) {
        // The sender lives as long as this.
        self.searched.subscribe().wait_for(|over| *over).await.ok();
    }

    /// Printers that an instance may use, by id. Where two have one id, the catalogue's is meant,
    /// then that of the settings.
    pub(super) fn all(&self, book: Option<&Book>) -> Vec<Arc<Station>> {
        let mut all = lock(&self.found).clone();
        let named = self.service.see(|state| state.printers.clone());
        for (id, uri) in &named {
            let name = (id.as_str(), Origin::Settings);
            let station = self.station(name, uri, &self.setup(id), Layout::default());
            all.insert(id.clone(), station);
        }
        let views = book.map(|book| (book, book.views()));
        let of_catalogue = views.iter().flat_map(|(book, views)| {
            let printers = views.printer.printers();
            printers.map(|printer| (book.log.clone(), printer.clone()))
        });
        for (log, printer) in of_catalogue {
            // The catalogue takes any address; what is none of ours cannot be reached.
            let Ok(uri) = printer.uri.parse::<Uri>() else {
                continue;
            };
            let uri = named.get(&printer.id).unwrap_or(&uri);
            let name = (printer.id.as_str(), Origin::Catalogue(log));
            let setup = self.setup(&printer.id);
            let station = self.station(name, uri, &setup, layout(&printer));
            all.insert(printer.id.clone(), station);
        }
        all.into_values().collect()
    }

    /// The station that stands for this, made once.
    fn station(
        &self,
        (id, origin): (&str, Origin),
        uri: &Uri,
        setup: &PrinterSetup,
        layout: Layout,
    ) -> Arc<Station> {
        let manner = Manner {
            driver: uri.driver,
            settings: setup.settings(true),
            layout,
        };
        let (name, being) = (format!("{id} {origin:?}"), format!("{uri} {manner:?}"));
        let mut stations = lock(&self.stations);
        if let Some((known, station)) = stations.get(&name)
            && *known == being
        {
            return station.clone();
        }
        let device = self.devices.at(uri, &self.opener);
        let station = Station::new((id, origin), uri.clone(), manner, device);
        let station = Arc::new(station);
        stations.insert(name, (being, station.clone()));
        station
    }

    /// Adds what was found at a port, under its serial number.
    pub(super) fn add(&self, uri: &Uri, info: DeviceInfo) -> Arc<Station> {
        let mut found = lock(&self.found);
        let serial = info.serial.to_lowercase();
        let numbered = (1..).map(|number| format!("{serial}_{number}"));
        let mut ids = std::iter::once(serial.clone()).chain(numbered);
        let free = ids.find(|id| found.get(id).is_none_or(|other| other.uri == *uri));
        let id = free.unwrap_or(serial);
        let setup = self.setup(&id);
        let manner = Manner {
            driver: uri.driver,
            settings: setup.settings(false),
            layout: Layout::default(),
        };
        let device = self.devices.at(uri, &self.opener);
        let station = Station::new((&id, Origin::Detected), uri.clone(), manner, device);
        station.learn(info);
        let station = Arc::new(station);
        found.insert(id, station.clone());
        station
    }

    /// Ports with what was found there.
    pub(super) fn found_ports(&self) -> BTreeSet<String> {
        lock(&self.found).values().filter_map(port).collect()
    }

    /// Ports that configured printers use; they are not searched.
    pub(super) fn taken_ports(&self, books: &[Book]) -> BTreeSet<String> {
        let all = books.iter().flat_map(|book| self.all(Some(book)));
        let configured = all
            .chain(self.all(None))
            .filter(|station| station.origin != Origin::Detected);
        configured.filter_map(|station| port(&station)).collect()
    }

    /// Drops what was found at ports that are gone.
    pub(super) fn keep(&self, ports: &BTreeSet<String>) {
        let gone =
            |station: &Arc<Station>| port(station).is_some_and(|port| !ports.contains(&port));
        lock(&self.found).retain(|id, station| {
            let gone = gone(station);
            if gone {
                tracing::info!(printer = id, "a printer was unplugged");
            }
            !gone
        });
    }

    fn setup(&self, id: &str) -> PrinterSetup {
        self.setups.get(id).cloned().unwrap_or_default()
    }
}

fn port(station: &Arc<Station>) -> Option<String> {
    match &station.uri.transport {
        Transport::Com { port, .. } => Some(port.clone()),
        _ => None,
    }
}

/// How the catalogue wants the paper of a printer that is not fiscal.
fn layout(printer: &Printer) -> Layout {
    let code_page = match printer.code_page {
        None | Some(facts::CodePage::Cp866) => CodePage::Cp866,
        Some(facts::CodePage::Cp1250) => CodePage::Cp1250,
        Some(facts::CodePage::Cp1251) => CodePage::Cp1251,
        Some(facts::CodePage::Cp1252) => CodePage::Cp1252,
    };
    let columns = usize::from(printer.columns.unwrap_or(COLUMNS));
    Layout {
        paper: Paper::epson(columns, code_page),
        header: printer.header.clone(),
        ..Layout::default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
