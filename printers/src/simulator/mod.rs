//! The other side of the wire: devices as pure state machines, for tests of ours and of the service.

pub mod icp;
pub mod isl;
pub mod till;
pub mod wire;
pub mod zfp;
