//! Every kind of fact, in the past tense, self-contained and by value.
//!
//! The table below is the only list of types: name, variant, data. Adding a line adds a type, its
//! JSON Schema and its place in the reader. Data members are declared in the order of their JSON
//! names, which makes plain serialisation canonical; the property tests hold that.

mod access;
mod catalogue;
mod desk;
mod instance;
mod order;
mod preorder;
mod presell;
mod print;
mod sale;

pub use access::*;
pub use catalogue::*;
pub use desk::*;
pub use instance::*;
pub use order::*;
pub use preorder::*;
pub use presell::*;
pub use print::*;
pub use sale::*;

use crate::hash::Digest;
use crate::id::{
    CashDeskId, ConstraintId, KeyId, PaymentMethodId, PosId, ProductId, QuotaId, TableId, UserId,
    WaiterId,
};
use crate::line::ReadLine;
use serde::{Deserialize, Serialize, Serializer};

macro_rules! facts {
    ($($name:literal $variant:ident($data:ty), $doc:literal;)*) => {
        /// What an event says happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact {$(
            #[doc = concat!("`", $name, "`: ", $doc)]
            $variant($data),
        )*}

        /// The names of all fact types, in the order of the table.
        pub const TYPES: &[&str] = &[$($name),*];

        impl Fact {
            /// The dotted name that stands in the line's `type`.
            #[must_use]
            pub const fn type_name(&self) -> &'static str {
                match self {$(Self::$variant(_) => $name,)*}
            }

            /// Reads the data of a type. `None` when the type is not in the table.
            pub(crate) fn read(name: &str, data: &str) -> Option<serde_json::Result<Self>> {
                match name {
                    $($name => Some(serde_json::from_str(data).map(Self::$variant)),)*
                    _ => None,
                }
            }

            /// Reads a whole line with the data of a type. `None` when the type is not in the table.
            pub(crate) fn read_line<'a>(
                name: &str,
                line: &'a str,
            ) -> Option<serde_json::Result<ReadLine<'a, Self>>> {
                match name {
                    $($name => Some(
                        serde_json::from_str::<ReadLine<'a, $data>>(line).map(|line| line.map(Self::$variant)),
                    ),)*
                    _ => None,
                }
            }
        }

        impl Serialize for Fact {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {$(Self::$variant(data) => data.serialize(serializer),)*}
            }
        }

        #[cfg(test)]
        pub(crate) fn json_schemas() -> Vec<(&'static str, &'static str, schemars::Schema)> {
            // What is written, not what a lenient reader would take: absent and null differ.
            let generator = || schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
            vec![$(($name, $doc, generator().into_root_schema_for::<$data>())),*]
        }
    };
}

facts! {
    "access.device_registered" DeviceRegistered(Device), "a device reported, for the first time or again";
    "access.key_issued" KeyIssued(Key), "an API key came into force, or replaced the secret of its id";
    "access.key_revoked" KeyRevoked(Withdrawn<KeyId>), "an API key ended, for good";
    "access.user_defined" UserDefined(User), "a user was added or changed";
    "access.user_withdrawn" UserWithdrawn(Withdrawn<UserId>), "a user was removed";
    "cash.drawer_opened" DrawerOpened(DeskAction), "a cash desk asked for its drawer to be opened";
    "catalogue.cash_desk_defined" CashDeskDefined(CashDesk), "a cash desk was added or changed";
    "catalogue.cash_desk_withdrawn" CashDeskWithdrawn(Withdrawn<CashDeskId>), "a cash desk was removed";
    "catalogue.list_constraint_defined" ListConstraintDefined(ListConstraint), "a list (of members, say) was added or changed";
    "catalogue.list_constraint_withdrawn" ListConstraintWithdrawn(Withdrawn<ConstraintId>), "a list was removed";
    "catalogue.list_entry_defined" ListEntryDefined(ListEntry), "an entry of a list was added or changed";
    "catalogue.payment_method_defined" PaymentMethodDefined(PaymentMethod), "a payment method was added or changed";
    "catalogue.payment_method_withdrawn" PaymentMethodWithdrawn(Withdrawn<PaymentMethodId>), "a payment method was removed";
    "catalogue.point_of_sale_defined" PointOfSaleDefined(PointOfSale), "a point of sale was added or changed";
    "catalogue.point_of_sale_withdrawn" PointOfSaleWithdrawn(Withdrawn<PosId>), "a point of sale was removed";
    "catalogue.printer_defined" PrinterDefined(Printer), "a printer was added or changed";
    "catalogue.printer_withdrawn" PrinterWithdrawn(Withdrawn<String>), "a printer was removed";
    "catalogue.product_defined" ProductDefined(Product), "a product was added or changed";
    "catalogue.product_withdrawn" ProductWithdrawn(Withdrawn<ProductId>), "a product was removed";
    "catalogue.quota_defined" QuotaDefined(Quota), "a quota was added or changed";
    "catalogue.quota_withdrawn" QuotaWithdrawn(Withdrawn<QuotaId>), "a quota was removed";
    "catalogue.supply_pack_defined" SupplyPackDefined(SupplyPack), "a pack of items was added or changed";
    "catalogue.table_defined" TableDefined(Table), "a table was added or changed";
    "catalogue.table_withdrawn" TableWithdrawn(Withdrawn<TableId>), "a table was removed";
    "catalogue.time_constraint_defined" TimeConstraintDefined(TimeConstraint), "a sales window was added or changed";
    "catalogue.time_constraint_withdrawn" TimeConstraintWithdrawn(Withdrawn<ConstraintId>), "a sales window was removed";
    "catalogue.waiter_defined" WaiterDefined(Waiter), "a waiter was added or changed";
    "catalogue.waiter_withdrawn" WaiterWithdrawn(Withdrawn<WaiterId>), "a waiter was removed";
    "catalogue.warning_constraint_defined" WarningConstraintDefined(WarningConstraint), "a warning was added or changed";
    "catalogue.warning_constraint_withdrawn" WarningConstraintWithdrawn(Withdrawn<ConstraintId>), "a warning was removed";
    "display.advanced" DisplayAdvanced(DeskAction), "a cash desk called the next customer";
    "instance.clock_stepped" ClockStepped(ClockStep), "a node's clock was behind the log by more than a second";
    "instance.deposit_cleared" DepositCleared(Nothing), "the instance stopped charging a deposit";
    "instance.deposit_set" DepositSet(Deposit), "the deposit on cups and bottles was set";
    "instance.described" InstanceDescribed(Instance), "the venue was described; event 0 of every log";
    "instance.license_withdrawn" LicenseWithdrawn(Nothing), "the licence record was removed";
    "instance.licensed" Licensed(License), "the licence record was set";
    "instance.message_sent" MessageSent(Message), "an operator sent a message to all tills";
    "instance.setting_cleared" SettingCleared(SettingKey), "a setting was removed";
    "instance.setting_set" SettingSet(Setting), "a setting was given a value";
    "order.extended" OrderExtended(OrderExtension), "dishes were added to a table's open order";
    "payment.exceeded" PaymentExceeded(PaymentSurplus), "a provider's payment came for which nothing was due any more";
    "payment.received" PaymentReceived(PaymentReceipt), "a payment towards a table's order came";
    "payment.started" PaymentStarted(PaymentStart), "a guest went to pay at a payment provider";
    "ping.answered" PingAnswered(PingMark), "a ping was scanned, for the first time";
    "ping.sent" PingSent(Ping), "a cash desk printed a ping";
    "ping.synced" PingSynced(PingMark), "someone took note of a ping";
    "preorder.placed" PreorderPlaced(Preorder), "a preorder was added or changed";
    "presell.abandoned" PresellAbandoned(PresellEnd), "a tablet abandoned a sale";
    "presell.completed" PresellCompleted(PresellCompletion), "a lane completed a tablet's sale";
    "presell.customer_set" PresellCustomerSet(PresellCustomer), "a tablet named the customer of a sale";
    "presell.handed_over" PresellHandedOver(PresellEnd), "a tablet handed a sale to its lane";
    "presell.line_added" PresellLineAdded(PresellLine), "a tablet added a line to a sale";
    "presell.opened" PresellOpened(PresellOpening), "a tablet opened a sale";
    "print.failed" PrintFailed(PrintEnd), "a task ended, and nothing that counts was printed";
    "print.printed" Printed(PrintDone), "a task was done";
    "print.requested" PrintRequested(PrintRequest), "a printer was given a task";
    "print.spoken" PrintSpoken(PrintTalk), "what went over the wire for a task";
    "print.started" PrintStarted(PrintStart), "a node began with a task: from here on, paper may come out";
    "print.unknown" PrintUnknown(PrintEnd), "nobody knows whether a task was printed";
    "receipt.copy_requested" CopyRequested(CopyRequest), "a cash desk asked for a copy of a receipt";
    "receipt.numbered" ReceiptNumbered(ReceiptNumber), "a receipt got its number";
    "sale.recorded" SaleRecorded(Sale), "goods were sold at a point of sale";
    "sale.reversed" SaleReversed(Sale), "a sale was taken back, whole";
    "session.closed" SessionClosed(SessionEnd), "a cashier's session ended";
    "session.opened" SessionOpened(Session), "a cashier's session began at a cash desk";
    "supply.requested" SupplyRequested(DeskAction), "a cash desk asked for more items";
    "supply.used" SupplyUsed(SupplyUse), "a pack of items came to a cash desk";
    "waiter.called" WaiterCalled(Call), "a guest called the waiter";
}

impl Fact {
    /// The digest of the request that it answers, when the client chose the command id. Facts with
    /// one are found again when the request is repeated.
    #[must_use]
    pub const fn request(&self) -> Option<Digest> {
        match self {
            Self::SaleRecorded(sale) | Self::SaleReversed(sale) => sale.request,
            Self::DrawerOpened(action)
            | Self::SupplyRequested(action)
            | Self::DisplayAdvanced(action) => action.request,
            Self::CopyRequested(copy) => copy.request,
            Self::SupplyUsed(supply) => supply.request,
            Self::PingSent(ping) => ping.request,
            Self::WaiterCalled(call) => call.request,
            Self::OrderExtended(order) => order.request,
            Self::PaymentStarted(start) => start.request,
            Self::PrintRequested(print) => print.request,
            Self::PaymentReceived(receipt) => receipt.request,
            Self::PingAnswered(mark) | Self::PingSynced(mark) => mark.request,
            _ => None,
        }
    }
}

/// The end of a catalogue entry: its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Withdrawn<Id> {
    /// Which entry ended.
    pub id: Id,
}

/// A fact that needs no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Nothing {}
