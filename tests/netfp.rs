//! The print server's door: programs that print on simulated devices, as real ones are printed on.

mod actions;
mod devices;
mod refusals;
mod service;
mod stand;
mod tasks;
mod transport;
