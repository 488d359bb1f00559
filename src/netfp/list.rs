//! Which printers there are, and how they are: asked at once, beside the queue.

use super::answer::{Answer, Shown};
use super::caller::Caller;
use super::{Door, Reply};
use crate::print::Station;
use daybook_printers::device::{DeviceInfo, Message, Messages};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long a list waits for devices that have not said yet who they are.
const LIST_PATIENCE: Duration = Duration::from_secs(2);

impl Door {
    /// Printers whose devices said who they are, by id. Others are asked meanwhile.
    pub(super) async fn list(&self, caller: &Caller) -> Reply {
        let stations = match &caller.book {
            Some(book) => self.printers.all(book),
            None => self.printers.of_nobody(),
        };
        let unknown = stations.iter().filter(|one| one.known_info().is_none());
        let asked: Vec<_> = unknown.filter_map(|one| self.ask_once(one)).collect();
        // They go on when this ends; the next list may know them.
        tokio::time::timeout(LIST_PATIENCE, join_all(asked))
            .await
            .ok();
        let shown = stations.iter().filter_map(|station| {
            let info = station.known_info()?;
            Some((station.id.clone(), shown(station, &info)))
        });
        Reply::of(&shown.collect::<BTreeMap<_, _>>())
    }

    /// One printer. A device that did not say yet who it is, is asked now.
    pub(super) async fn show(&self, station: &Arc<Station>) -> Reply {
        match self.info(station).await {
            Ok(info) => Reply::of(&shown(station, &info)),
            Err(messages) => Answer::of(messages.as_slice()).into(),
        }
    }

    /// How a printer is.
    pub(super) async fn status(&self, station: &Arc<Station>) -> Reply {
        let (printers, station) = (self.printers.clone(), station.clone());
        // A client that goes must not leave a device in the middle of a sentence.
        let asking = self
            .tasks
            .spawn(async move { printers.status(&station).await });
        match asking.await {
            Ok(asked) => Answer::status(asked).into(),
            Err(_) => Answer::error("E199", LOST).into(),
        }
    }

    /// Who the device of a printer is.
    pub(super) async fn info(&self, station: &Arc<Station>) -> Result<Arc<DeviceInfo>, Messages> {
        let (printers, station) = (self.printers.clone(), station.clone());
        let asking = self
            .tasks
            .spawn(async move { printers.info(&station).await });
        asking
            .await
            .unwrap_or_else(|_| Err(Message::error("E199", LOST).into()))
    }

    /// Asks a device who it is, unless that is being asked already.
    fn ask_once(&self, station: &Arc<Station>) -> Option<tokio::task::JoinHandle<()>> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // Two instances may name different printers alike.
        let name = format!("{} {}", station.id, station.uri);
        if !asking.insert(name.clone()) {
            return None;
        }
        let (printers, station) = (self.printers.clone(), station.clone());
        let all = self.asking.clone();
        Some(self.tasks.spawn(async move {
            // Whoever asks for this printer alone hears why.
            printers.info(&station).await.ok();
            let mut asking = all.lock().unwrap_or_else(PoisonError::into_inner);
            asking.remove(&name);
        }))
    }
}

/// Said when a task of ours died.
const LOST: &str = "The print server failed to ask the printer: its log says why";

fn shown(station: &Station, info: &DeviceInfo) -> Shown {
    let terminal = station.manner.settings.terminal;
    Shown::of(station.uri.to_string(), info, terminal)
}
