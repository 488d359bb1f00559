//! Sales that tablets build: requests become commands, answers are the sale as it is then.

use super::client::Client;
use super::error::Fault;
use super::packet::{Packet, text_of};
use super::shown::{Row, Scribe, presell_key};
use crate::json::whole;
use crate::ledger::presell::PresellCommand;
use crate::ledger::{Action, Command, CommandId};
use daybook_projections::Views;
use daybook_projections::lane::Presell;
use daybook_schema::id::{PaymentMethodId, PresellId, ProductId, TxId};
use daybook_schema::{Actor, Quantity};
use std::sync::Arc;

/// The longest name that a tablet may give a sale, and the longest id of a customer.
const MAX_NAME: usize = 128;

/// Most pieces of a line.
const MAX_PIECES: i64 = 999_999;

/// What can be done with a tablet's sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builder {
    Create,
    AddProduct,
    SetCustomer,
    Fetch,
    Complete,
    Cancel,
    Pay,
}

impl Client {
    /// Does what a tablet or its lane asks for.
    ///
    /// # Errors
    /// Says why not; nothing is recorded then.
    pub(super) async fn build(&self, builder: Builder, packet: &Packet) -> Result<String, Fault> {
        let by = self.builder(builder)?;
        if builder == Builder::Fetch {
            return self.fetch(packet);
        }
        if builder == Builder::Create {
            return self.create(by, packet).await;
        }
        let views = self.hub.book.views();
        let id = find(&views, &packet.key()?)?.id;
        let command = match builder {
            Builder::AddProduct => PresellCommand::AddProduct {
                id,
                product: product(packet)?,
                quantity: quantity(packet)?,
            },
            Builder::SetCustomer => PresellCommand::SetCustomer {
                id,
                customer: name(packet, "cid")?.ok_or_else(|| missing("cid"))?,
            },
            Builder::Pay => {
                let method = packet.value("pm")?.ok_or_else(|| missing("pm"))?;
                let method = whole(method).and_then(|id| u32::try_from(id).ok());
                let wrong = || Fault::bad_request("v.pm is the id of a payment method");
                let payment_method = PaymentMethodId(method.ok_or_else(wrong)?);
                PresellCommand::Complete { id, payment_method }
            }
            Builder::Cancel if self.rights().presell => PresellCommand::Abandon(id),
            Builder::Cancel => PresellCommand::Dismiss(id),
            _ => PresellCommand::HandOver(id),
        };
        self.submit(by, command).await?;
        let views = self.hub.book.views();
        let presell = views
            .lane
            .presell(id)
            .ok_or_else(|| Fault::unknown_sale(""))?;
        Ok(packet.answer(&Scribe::of(&views).row(presell)))
    }

    /// In whose name it is done.
    fn builder(&self, builder: Builder) -> Result<Actor, Fault> {
        let may = |presell: bool, pay: bool| match builder {
            Builder::Pay => pay,
            Builder::Fetch | Builder::Cancel => presell || pay,
            _ => presell,
        };
        let login = self.login(|rights| may(rights.presell, rights.pay));
        let refused = || {
            Fault::not_allowed(match builder {
                Builder::Pay => "Paying needs a normal socket, and a key with the scope pos",
                _ => "Building sales needs a socket that was opened with ?purpose=presell",
            })
        };
        Ok(login.ok_or_else(refused)?.actor())
    }

    async fn create(&self, by: Actor, packet: &Packet) -> Result<String, Fault> {
        let external_id = name(packet, "externalid")?;
        let lane = self.lane;
        let command = PresellCommand::Open {
            lane,
            external_id: external_id.clone(),
        };
        let first = self.submit(by, command).await?;
        let views = self.hub.book.views();
        let presell = match &external_id {
            Some(external_id) => views.lane.presell_of(lane, external_id),
            None => views.lane.presell_opened_by(first),
        };
        let presell = presell.ok_or_else(|| Fault::new("internal", "the sale is not there"))?;
        Ok(packet.answer(&Scribe::of(&views).row(presell)))
    }

    fn fetch(&self, packet: &Packet) -> Result<String, Fault> {
        let views = self.hub.book.views();
        let key = packet.key()?;
        let scribe = Scribe::of(&views);
        if let Some(sale) = recorded(&views, &key) {
            return Ok(packet.answer(&scribe.recorded_row(&sale)));
        }
        let row: Row = scribe.row(presell(&views, &key).ok_or_else(|| Fault::unknown_sale(&key))?);
        Ok(packet.answer(&row))
    }

    /// Hands a command to the ledger; returns the seq of its first event.
    async fn submit(&self, by: Actor, command: PresellCommand) -> Result<u64, Fault> {
        let command = Command {
            by,
            id: CommandId::fresh(),
            action: Action::Presell(command),
        };
        Ok(self.hub.book.submit(command).await?.first)
    }
}

/// The tablet's sale with a key.
fn presell<'a>(views: &'a Views, key: &str) -> Option<&'a Arc<Presell>> {
    let id = key.strip_prefix('T')?.split_once('-')?.1.parse().ok()?;
    let presell = views.lane.presell(PresellId(id))?;
    // Each sale has one key: other spellings of it are none.
    (presell_key(presell) == key).then_some(presell)
}

/// The recorded sale with a key, when no tablet built it.
fn recorded<'a>(
    views: &'a Views,
    key: &str,
) -> Option<daybook_projections::transaction::SaleOf<'a>> {
    let (pos, id) = key.strip_prefix('S')?.split_once('-')?;
    let sale = views.transaction.sale(TxId(id.parse().ok()?))?;
    let ours = sale.pos.to_string() == pos && views.lane.presell_behind(sale.id()).is_none();
    ours.then_some(sale)
}

/// A sale that may yet be changed.
fn find<'a>(views: &'a Views, key: &str) -> Result<&'a Arc<Presell>, Fault> {
    if recorded(views, key).is_some() {
        return Err(Fault::new(
            "sale_closed",
            format!("Sale {key} is completed"),
        ));
    }
    presell(views, key).ok_or_else(|| Fault::unknown_sale(key))
}

fn product(packet: &Packet) -> Result<ProductId, Fault> {
    let pid = packet.value("pid")?.ok_or_else(|| missing("pid"))?;
    let pid = whole(pid).ok_or_else(|| Fault::bad_request("v.pid is the id of a product"))?;
    let unknown = |_| Fault::new("unknown_product", format!("No product {pid}"));
    u32::try_from(pid).map(ProductId).map_err(unknown)
}

fn quantity(packet: &Packet) -> Result<Quantity, Fault> {
    let qty = packet.value("qty")?.ok_or_else(|| missing("qty"))?;
    let pieces = whole(qty).filter(|pieces| (1..=MAX_PIECES).contains(pieces));
    let pieces = pieces.and_then(|pieces| u32::try_from(pieces).ok());
    let wrong = || Fault::bad_request("v.qty is a whole number from 1 to 999999");
    Quantity::pieces(pieces.ok_or_else(wrong)?).map_err(|_| wrong())
}

/// A name that the client chose; `None` when there is none.
fn name(packet: &Packet, member: &str) -> Result<Option<String>, Fault> {
    let Some(value) = packet.value(member)? else {
        return Ok(None);
    };
    let fits = |name: &String| {
        (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
    };
    let wrong = || Fault::bad_request(format!("v.{member} is a text of 1 to 128 characters"));
    text_of(value).filter(fits).map(Some).ok_or_else(wrong)
}

fn missing(member: &str) -> Fault {
    Fault::bad_request(format!("v.{member} is missing"))
}
