//! The other side of the wire: devices as pure state machines, for tests of ours and of the service.

pub mod escpos;
pub mod icp;
pub mod isl;
pub mod paper;
pub mod sheet;
pub mod till;
pub mod wire;
pub mod zfp;
