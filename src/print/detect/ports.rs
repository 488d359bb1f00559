//! Which serial ports there are.

use crate::print::serial::resolved;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The serial ports of this machine, sorted, and those of `extra` that exist, without the excluded.
/// A port is excluded under all its names.
#[must_use]
pub fn ports(excluded: &BTreeSet<String>, extra: &[String]) -> Vec<String> {
    let excluded: BTreeSet<PathBuf> = excluded.iter().map(|port| resolved(port)).collect();
    let mut ports = BTreeMap::new();
    let extra = extra.iter().filter(|port| Path::new(port).exists());
    // A name that was given is shown rather than the one that the system has.
    for port in extra.cloned().chain(present()) {
        let place = resolved(&port);
        if !excluded.contains(&place) {
            ports.entry(place).or_insert(port);
        }
    }
    let mut ports: Vec<String> = ports.into_values().collect();
    ports.sort();
    ports
}

/// What the operating system lists.
fn present() -> Vec<String> {
    // Where this is missing (in some containers) listing would panic.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Vec::new();
    }
    match serialport::available_ports() {
        Ok(ports) => ports.into_iter().map(|port| port.port_name).collect(),
        Err(error) => {
            tracing::warn!(%error, "the serial ports of this machine cannot be listed");
            Vec::new()
        }
    }
}
