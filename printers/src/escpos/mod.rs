//! ESC/POS: plain receipt and kitchen printers. Nothing they print is fiscal, and it says so.
//!
//! `document` writes the bytes, `stream` reads them again, `layout` says what stands where, `preview`
//! shows bytes as text, `status` reads what a printer tells of itself, and `delivery` gets a document
//! across. A printer of this kind keeps nothing: numbers, totals and copies come from whoever prints.

pub mod delivery;
pub mod document;
pub mod layout;
pub mod preview;
pub mod status;
pub mod stream;
#[cfg(test)]
mod tests;

use crate::device::{Capabilities, DeviceInfo, Message, PaymentKind, SubtotalModifiers};
use crate::dialogue::{Answer, Dialogue, Operation, Printed};
use crate::receipt::Checked;
use daybook_schema::Money;
use document::Paper;
use layout::{Layout, Stamp};

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

/// A conversation about an operation. What is printed carries the stamp.
///
/// # Errors
/// When printers of this kind cannot do it: nothing is sent then.
pub fn dialogue(
    operation: &Operation,
    stamp: &Stamp,
    layout: &Layout,
) -> Result<Box<dyn Dialogue>, Message> {
    let printed = |receipt: &Checked| {
        Answer::Printed(Printed {
            number: stamp.number.clone(),
            time: Some(stamp.time),
            amount: receipt.total(),
            fiscal_memory: String::new(),
        })
    };
    let slip =
        |amount: Money| delivery::print(layout::transfer(amount, stamp, layout), Answer::Done);
    Ok(match operation {
        Operation::Identify => {
            let device = Answer::Device(Box::new(identity(layout.paper)));
            delivery::ask_condition(device)
        }
        Operation::Status => delivery::ask_condition(Answer::Status(None)),
        Operation::Receipt(receipt) => {
            let bytes = layout::receipt(receipt, stamp, layout);
            delivery::print(bytes, printed(receipt))
        }
        Operation::Reversal(reversal) => {
            let bytes = layout::reversal(reversal, stamp, layout);
            delivery::print(bytes, printed(reversal.receipt()))
        }
        Operation::Deposit(transfer) => slip(transfer.amount()),
        Operation::Withdraw(transfer) => {
            slip(Money::new(-transfer.amount().units()).unwrap_or_default())
        }
        Operation::Drawer => delivery::print(layout::drawer(layout), Answer::Done),
        _ => {
            let text = "This operation is not supported by this device";
            return Err(Message::error("E412", text));
        }
    })
}

/// Who it is: it cannot tell, so whoever set it up knows the rest.
fn identity(paper: Paper) -> DeviceInfo {
    DeviceInfo {
        serial: String::new(),
        fiscal_memory: String::new(),
        tax_number: String::new(),
        manufacturer: "ESC/POS",
        model: String::new(),
        firmware: String::new(),
        capabilities: capabilities(paper),
    }
}
