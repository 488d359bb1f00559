//! The festival as a value that a test may change, and what its log holds.

use super::{AUDIT_KEY, FESTIVAL, Server, Store};
use serde_json::{Value, json};

/// The demo's catalogue.
pub fn festival() -> Value {
    serde_json::from_str(&std::fs::read_to_string(FESTIVAL).unwrap()).unwrap()
}

/// The entry of a section with this id.
pub fn entry<'a>(catalogue: &'a mut Value, section: &str, id: u64) -> &'a mut Value {
    let entries = catalogue[section].as_array_mut().unwrap();
    entries.iter_mut().find(|entry| entry["id"] == id).unwrap()
}

/// The festival with another price for the small barrel (product 1).
pub fn barrel_at(price: &str) -> Value {
    let mut catalogue = festival();
    entry(&mut catalogue, "products", 1)["price"] = json!(price);
    catalogue
}

impl Store {
    /// An embedded store that holds the festival.
    pub async fn festival() -> Self {
        let store = Self::sqlite();
        store.import_festival().await;
        store
    }

    /// Imports a catalogue; returns the exit code and the JSON that the command printed.
    pub async fn import(&self, catalogue: &Value) -> (i32, Value) {
        let (_dir, path) = Self::file("venue.json", &catalogue.to_string());
        let (code, stdout, stderr) = self
            .run(&["--json", "import", path.to_str().unwrap()])
            .await;
        let said = serde_json::from_str(&stdout);
        (
            code,
            said.unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")),
        )
    }

    /// Imports a catalogue that must be taken; returns how many events that wrote.
    pub async fn import_ok(&self, catalogue: &Value) -> u64 {
        let (code, said) = self.import(catalogue).await;
        assert_eq!(code, 0, "{said}");
        said["events"].as_u64().unwrap()
    }
}

impl Server {
    /// All lines of the festival's log, as they are.
    pub async fn lines(&self) -> Vec<String> {
        let (status, body) = self
            .get("/ledger/festival/events?limit=10000", Some(AUDIT_KEY))
            .await;
        assert_eq!(status, 200, "{body}");
        body.lines().map(str::to_owned).collect()
    }

    /// All events of the festival's log.
    pub async fn events(&self) -> Vec<Value> {
        let lines = self.lines().await;
        lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// How many events the festival's log holds.
    pub async fn size(&self) -> u64 {
        self.audit("/ledger/festival/head").await["size"]
            .as_u64()
            .unwrap()
    }

    /// Waits until this node has folded the log up to a size.
    pub async fn reaches(&self, size: u64) {
        super::eventually("the node folds the log", async || self.size().await >= size).await;
    }
}
