//! ESC/POS: plain receipt and kitchen printers. Nothing they print is fiscal, and it says so.
//!
//! `document` knows the bytes, `layout` what stands where, `preview` shows bytes as text, `status`
//! reads what a printer tells of itself, and `delivery` gets a document across. A printer of this
//! kind keeps nothing: numbers, totals and copies come from whoever prints.

pub mod delivery;
pub mod document;
pub mod layout;
pub mod preview;
pub mod status;
#[cfg(test)]
mod tests;

use crate::device::{Capabilities, PaymentKind, SubtotalModifiers};
use document::Paper;

/// What a printer with this paper can do.
#[must_use]
pub fn capabilities(paper: Paper) -> Capabilities {
    Capabilities {
        item_text: paper.columns,
        comment_text: paper.columns,
        operator_password: 0,
        payments: PaymentKind::ALL.to_vec(),
        subtotal_modifiers: SubtotalModifiers::Supported,
        terminal: false,
        fiscal: false,
    }
}
