//! What a venue sells, where and under which conditions. Each entry is stated whole.

use crate::hash::Digest;
use crate::id::{
    CashDeskId, ConstraintId, ItemId, ListEntryId, ModifierId, PaymentMethodId, PosId, ProductId,
    QuotaId, SupplyPackId, TableId, WaiterId,
};
use crate::money::{Money, TaxRate};
use crate::time::At;
use serde::{Deserialize, Serialize};

/// A point of sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PointOfSale {
    /// Shown to administrators only.
    pub admin: bool,
    /// Whether it may sell.
    pub enabled: bool,
    /// Id.
    pub id: PosId,
    /// Name for people.
    pub name: String,
    /// Keyed hash of its password, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<Digest>,
    /// The printer of its receipts; a cash desk's own comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
    /// Shown on request only.
    pub special: bool,
}

/// What kind of money a payment method takes; the names are those of the print server protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the protocol's own words")]
pub enum PaymentKind {
    Bank,
    Card,
    Cash,
    Check,
    Coupons,
    Damage,
    ExtCoupons,
    InternalUsage,
    Packaging,
    Reserved1,
    Reserved2,
}

/// A payment method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PaymentMethod {
    /// Button style class, passed to tills as it is.
    pub color: String,
    /// Id.
    pub id: PaymentMethodId,
    /// What kind of money.
    pub kind: PaymentKind,
    /// Name for people.
    pub name: String,
    /// Where it is taken, sorted.
    pub points_of_sale: Vec<PosId>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, named in the line"
)]
pub struct Product {
    /// What kitchens and bars sort it by; absent = no ticket is printed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Not to be given to crew.
    pub crew_blocked: bool,
    /// Whether each piece carries the instance's deposit.
    pub deposit: bool,
    /// Id.
    pub id: ProductId,
    /// What may be added to it.
    pub modifiers: Vec<Modifier>,
    /// Name for people.
    pub name: String,
    /// Whether its sale prints a receipt.
    pub needs_receipt: bool,
    /// What is handed out with it.
    pub pack: Vec<PackItem>,
    /// Where it is sold, sorted.
    pub points_of_sale: Vec<PosId>,
    /// Price of one piece, tax included, in minor units; negative for a return.
    pub price: Money,
    /// Name on receipts.
    pub receipt_name: String,
    /// Whether its sale needs a troubleshooter.
    pub requires_authorization: bool,
    /// Tax group of fiscal printers, 1 to 8.
    pub tax_group: u8,
    /// Tax rate.
    pub tax_rate: TaxRate,
    /// Whether clients offer it.
    pub visible: bool,
}

/// A modifier of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Modifier {
    /// Id.
    pub id: ModifierId,
    /// Name for people.
    pub name: String,
    /// Added to the price.
    pub price: Money,
}

/// A thing that is handed out with a product (a wristband, vouchers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackItem {
    /// Pieces.
    pub amount: u32,
    /// The item that stock counts, when it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// Whether it stands for a receipt.
    pub is_receipt: bool,
    /// Name for people.
    pub name: String,
    /// Whether it is shown.
    pub visible: bool,
}

/// A number of pieces that products share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Quota {
    /// Id.
    pub id: QuotaId,
    /// Name for people.
    pub name: String,
    /// Which products, sorted.
    pub products: Vec<ProductId>,
    /// Pieces.
    pub size: u32,
}

/// A window of time in which products are sold; an open side is unbounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimeConstraint {
    /// First moment after the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<At>,
    /// Id.
    pub id: ConstraintId,
    /// Name for people.
    pub name: String,
    /// Which products, sorted.
    pub products: Vec<ProductId>,
    /// First moment of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<At>,
}

/// A warning that must be acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WarningConstraint {
    /// Id.
    pub id: ConstraintId,
    /// What the cashier reads.
    pub message: String,
    /// Which products, sorted.
    pub products: Vec<ConstrainedProduct>,
}

/// A list of people to whom products are sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListConstraint {
    /// Id.
    pub id: ConstraintId,
    /// Name for people.
    pub name: String,
    /// Which products, sorted.
    pub products: Vec<ConstrainedProduct>,
}

/// A product under a constraint, and what buys it free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConstrainedProduct {
    /// What buys it free; absent = nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Which product.
    pub product: ProductId,
    /// Tax rate of that price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<TaxRate>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListEntry {
    /// Id, unique within the instance.
    pub id: ListEntryId,
    /// What the person shows, a member number say.
    pub identifier: String,
    /// Which list.
    pub list: ConstraintId,
    /// Name of the person.
    pub name: String,
}

/// A waiter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waiter {
    /// Id.
    pub id: WaiterId,
    /// Name for people.
    pub name: String,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Table {
    /// Id.
    pub id: TableId,
    /// Seats.
    pub max_guests: u32,
    /// Name for people, often a number.
    pub name: String,
    /// Where its orders are sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_of_sale: Option<PosId>,
    /// Who serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiter: Option<WaiterId>,
}

/// A printer, and what it prints by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Printer {
    /// Categories of products whose tickets it prints (a kitchen's printer), sorted; left out when
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub categories: Vec<String>,
    /// The alphabet of a printer that is not fiscal; absent = cp866.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_page: Option<CodePage>,
    /// Characters on a line of a printer that is not fiscal; absent = 42.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<u8>,
    /// Copies that follow each receipt; left out when there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub copies: u32,
    /// Whether the drawer that hangs on it is opened with every sale and when a desk asks; left out
    /// when not.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub drawer: bool,
    /// Lines at the top of each receipt of a printer that is not fiscal; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub header: Vec<String>,
    /// Id, the name under which the print server knows it.
    pub id: String,
    /// Which sales it prints receipts of; absent = none by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<ReceiptRule>,
    /// Driver, transport and address.
    pub uri: String,
}

/// Which sales of a cash desk or point of sale a printer prints receipts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ReceiptRule {
    /// Every position that is worth something.
    All,
    /// Positions that are worth something and whose product needs a receipt.
    Needed,
}

/// The alphabet of a printer that is not fiscal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the tables say it all")]
pub enum CodePage {
    Cp1250,
    Cp1251,
    Cp1252,
    Cp866,
}

/// A cash desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CashDesk {
    /// Id.
    pub id: CashDeskId,
    /// Whether nobody may work there at present; left out otherwise.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub inactive: bool,
    /// The only address it may call from; absent = any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// Name for people.
    pub name: String,
    /// Where its sales are booked.
    pub point_of_sale: PosId,
    /// Its printer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
}

/// Where a pack of items is on its way to a cash desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SupplyState {
    /// In store.
    Backoffice,
    /// Taken apart: there is no such pack any more.
    Dissolved,
    /// With a troubleshooter, who hands it to a desk.
    Troubleshooter,
    /// At a desk.
    Used,
}

/// A pack of items (100 wristbands, say) with a code on it that a cash desk scans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SupplyPack {
    /// Pieces in it.
    pub amount: u32,
    /// Id.
    pub id: SupplyPackId,
    /// What its code says.
    pub identifier: String,
    /// The item that stock counts.
    pub item: ItemId,
    /// Where it is.
    pub state: SupplyState,
}

/// A member that is left out of the line while it is false.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}

/// A count that is left out of the line while it is zero.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}
