//! Sales and the public transaction record with its SHA-512 chain.

use super::catalogue::is_false;
use crate::facts::PaymentKind;
use crate::hash::{self, Digest, TxHash};
use crate::id::{
    ItemId, ListEntryId, LogName, PaymentMethodId, PosId, PreorderId, PreorderPositionId,
    ProductId, SessionId, TxId, UserId,
};
use crate::line::{canonical, exact_integer};
use crate::money::{Currency, Decimal, Money, Quantity, TaxRate};
use crate::time::TxTime;
use serde::{Deserialize, Deserializer, Serialize};

/// Which protocol a sale came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// The cash desk REST API.
    CashDesk,
    /// The ConcertPOS WebSocket.
    ConcertPos,
    /// The FD1 WebSocket.
    Fd1,
    /// The QR menu.
    Qr,
}

/// A sale or the reversal of one, or one part of it where it is too large for one line. `lines[i]`
/// explains `tx[i]`. In a reversal every line names what it takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sale {
    /// The cash that the customer gave, as the cash desk said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_given: Option<Money>,
    /// The currency of every amount here.
    pub currency: Currency,
    /// Which protocol it came through.
    pub door: Door,
    /// What was sold, by value.
    pub lines: Vec<SaleLine>,
    /// Which part this is, from 1.
    pub part: u32,
    /// How many parts the sale has; all carry the same `cmd` and were appended together.
    pub parts: u32,
    /// How it was paid.
    pub payment: SalePayment,
    /// Where.
    pub point_of_sale: SalePlace,
    /// BLAKE3 digest of the request's meaningful parts, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// The cash desk session that booked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Totals of the whole sale; in the last part only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<SaleTotals>,
    /// The public records with their hashes.
    pub tx: Vec<Tx>,
}

/// One line of a sale, as decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SaleLine {
    /// The troubleshooter whose badge overrode a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_by: Option<UserId>,
    /// Whether this is the deposit of the line before.
    pub deposit: bool,
    /// What was handed out with it, or taken back in a reversal; left out when nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub items: Vec<HandedOut>,
    /// The entry of a list that it used up; free again after a reversal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_entry: Option<ListEntryId>,
    /// The product's name at that time.
    pub name: String,
    /// The price of one piece at that time; of a redeemed ticket what was paid at the desk.
    pub price: Money,
    /// Pieces, in thousandths.
    pub quantity: Quantity,
    /// The record that it takes back; in every line of a reversal and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<Reversed>,
    /// The tax rate of the price.
    pub tax_rate: TaxRate,
    /// The ticket that was redeemed; not redeemed any more after a reversal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Price times quantity.
    pub total: Money,
}

/// An item that was handed out (negative: taken back).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HandedOut {
    /// Pieces, in thousandths.
    pub amount: Quantity,
    /// Whether cashiers are not shown it; left out when they are.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub hidden: bool,
    /// The item that stock counts, when it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// Its name at that time.
    pub name: String,
}

/// The record that a reversal takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reversed {
    /// Its hash.
    pub hash: TxHash,
    /// Its number.
    #[serde(deserialize_with = "exact_tx_id")]
    pub id: TxId,
}

/// A position of a preorder, as it was when it was redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ticket {
    /// Whether the preorder was paid before.
    pub is_paid: bool,
    /// The position.
    pub position: PreorderPositionId,
    /// Its preorder.
    pub preorder: PreorderId,
    /// What its code says.
    pub secret: String,
}

/// How a sale was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SalePayment {
    /// Payment method.
    pub id: PaymentMethodId,
    /// What kind of money.
    pub kind: PaymentKind,
    /// Its name at that time.
    pub name: String,
}

/// Where a sale was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SalePlace {
    /// Point of sale.
    pub id: PosId,
    /// Its name at that time.
    pub name: String,
}

/// Totals of a sale, rounded once per receipt and rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SaleTotals {
    /// Sum of the lines.
    pub gross: Money,
    /// One entry per tax rate, by rate; gross = sum of their gross.
    pub taxes: Vec<TaxShare>,
}

/// The share of one tax rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaxShare {
    /// Sum of the lines at this rate.
    pub gross: Money,
    /// Gross less tax.
    pub net: Money,
    /// Rate.
    pub rate: TaxRate,
    /// The tax contained in gross.
    pub tax: Money,
}

/// The public transaction record, member for member as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tx {
    /// Line total in the currency, shortest decimal.
    #[serde(rename = "AmountMoney")]
    pub amount_money: Decimal,
    /// Pieces.
    #[serde(rename = "AmountProduct")]
    pub amount_product: u32,
    /// Ascends within the instance, from 1, without gaps.
    #[serde(rename = "ID", deserialize_with = "exact_tx_id")]
    pub id: TxId,
    /// An operational remark, or null. No place for personal data.
    #[serde(rename = "Note")]
    pub note: Option<String>,
    /// Payment method.
    #[serde(rename = "Payment_ID")]
    pub payment_id: PaymentMethodId,
    /// Point of sale.
    #[serde(rename = "PointOfSaleID")]
    pub point_of_sale_id: PosId,
    /// Product.
    #[serde(rename = "Product_ID")]
    pub product_id: ProductId,
    /// SHA-512 of the record and its predecessor; see [`Tx::hash_after`].
    pub hash: TxHash,
    /// When, in whole seconds.
    pub timestamp: TxTime,
}

fn exact_tx_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TxId, D::Error> {
    exact_integer(deserializer).map(TxId)
}

/// What is hashed: the record without `hash`, and what ties it to its chain.
#[derive(Serialize)]
struct TxPreimage<'a> {
    #[serde(rename = "$")]
    tag: &'static str,
    #[serde(rename = "AmountMoney")]
    amount_money: Decimal,
    #[serde(rename = "AmountProduct")]
    amount_product: u32,
    #[serde(rename = "ID")]
    id: TxId,
    #[serde(rename = "Note")]
    note: &'a Option<String>,
    #[serde(rename = "Payment_ID")]
    payment_id: PaymentMethodId,
    #[serde(rename = "PointOfSaleID")]
    point_of_sale_id: PosId,
    #[serde(rename = "Product_ID")]
    product_id: ProductId,
    instance: &'a LogName,
    prev: &'a TxHash,
    timestamp: TxTime,
}

impl Tx {
    /// The canonical bytes that are hashed, given the instance and the hash of the previous record
    /// of the same point of sale (zeros for the first).
    #[must_use]
    pub fn preimage(&self, instance: &LogName, prev: &TxHash) -> Vec<u8> {
        canonical(&TxPreimage {
            tag: "tx/1",
            amount_money: self.amount_money,
            amount_product: self.amount_product,
            id: self.id,
            note: &self.note,
            payment_id: self.payment_id,
            point_of_sale_id: self.point_of_sale_id,
            product_id: self.product_id,
            instance,
            prev,
            timestamp: self.timestamp,
        })
    }

    /// The hash this record must carry after `prev`.
    #[must_use]
    pub fn hash_after(&self, instance: &LogName, prev: &TxHash) -> TxHash {
        hash::transaction(&self.preimage(instance, prev))
    }
}
