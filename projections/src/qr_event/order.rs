//! A table's order: what was ordered, what was paid, what is due.

use daybook_schema::Money;
use daybook_schema::facts::{
    AtTable, OrderExtension, OrderLine, PaymentReceipt, SalePayment, ServedBy,
};
use imbl::Vector;
use serde::{Deserialize, Serialize};

/// An order. Lines are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// An upper-case GUID in braces.
    pub guid: String,
    /// Number of its bill.
    pub invoice: u32,
    /// Seq of the event that opened it.
    pub opened: u64,
    /// Where.
    pub table: AtTable,
    /// Who serves it.
    pub waiter: ServedBy,
    /// What was ordered, in that order; equal dishes stay apart.
    pub lines: Vector<OrderLine>,
    /// What was paid.
    pub payments: Vector<Paid>,
    /// Total of the lines.
    pub sum: Money,
    /// What is due.
    pub unpaid: Money,
}

/// A payment towards an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// What it is called.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// The payment method that it counts as.
    pub method: SalePayment,
}

impl Order {
    pub(super) fn open(extension: &OrderExtension) -> Self {
        Self {
            guid: extension.guid.clone(),
            invoice: extension.invoice,
            opened: extension.opened,
            table: extension.table.clone(),
            waiter: extension.waiter.clone(),
            lines: Vector::new(),
            payments: Vector::new(),
            sum: Money::ZERO,
            unpaid: Money::ZERO,
        }
    }

    pub(super) fn extend(&mut self, extension: &OrderExtension) {
        for line in &extension.added {
            self.sum = self.sum.plus(line.total).unwrap_or(self.sum);
            self.lines.push_back(line.clone());
        }
        self.unpaid = extension.unpaid;
    }

    pub(super) fn pay(&mut self, receipt: &PaymentReceipt) {
        self.payments.push_back(Paid {
            name: receipt.name.clone(),
            amount: receipt.amount,
            method: receipt.method.clone(),
        });
        self.unpaid = receipt.unpaid;
    }
}
