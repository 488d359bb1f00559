//! How fiscal printers, and printers that are not fiscal, are spoken to.
//!
//! Pure: bytes in, bytes out, no I/O, no clock, no randomness. The service owns the wires; here is
//! what is said over them ([`dialogue`]), by whom ([`uri`], [`device`]) and about what ([`receipt`]);
//! [`speak`] leads from a driver to its dialogue.
//! Every family of devices has a folder: frames first, then the dialects. `simulator` is the other
//! side of the wire, for tests of ours and of the service.

pub mod device;
pub mod dialogue;
pub mod escpos;
pub mod icp;
pub mod isl;
pub mod receipt;
pub mod simulator;
pub mod speak;
pub mod text;
pub mod uri;
pub mod zfp;
