//! ESC/POS: bytes as published, what stands on the paper, and how it gets there.

mod bytes;
mod delivery;
mod layout;
