//! The commands that book: sales, and devices that report themselves.

use super::Call;
use crate::concertpos::error::{PosError, of_refusal};
use crate::concertpos::wire::{self, Value, whole};
use crate::json::at_most_zero;
use crate::ledger::{Action, Command, CommandId, Done, PayItems, Refusal};
use daybook_schema::Actor;
use daybook_schema::id::{PaymentMethodId, PosId, ProductId};
use serde_json::json;

/// Most entries of `Products`.
const MAX_PRODUCTS: usize = 1000;

/// Most pieces of one entry.
const MAX_AMOUNT: i64 = 10_000;

impl Call {
    pub(super) async fn register_device(self) -> Option<Result<String, PosError>> {
        let (uuid, workplace) = match self.device() {
            Ok(device) => device,
            Err(error) => return Some(Err(error)),
        };
        let action = Action::RegisterDevice {
            uuid: uuid.clone(),
            workplace,
        };
        if let Err(refusal) = self.submit(CommandId::fresh(), action).await {
            return of_refusal(refusal).map(Err);
        }
        let views = self.book.views();
        let device = views.access.device(&uuid);
        let ping = device.map(|device| device.last_ping.second().to_string());
        let workplace = device.and_then(|device| device.point_of_sale);
        let parameters = json!({ "UUID": uuid, "LastPing": ping, "Workplace": workplace });
        Some(Ok(wire::event(self.name, parameters)))
    }

    fn device(&self) -> Result<(String, Option<PosId>), PosError> {
        let uuid = self.parameters.get("UUID").and_then(Value::as_str);
        let uuid = uuid.filter(|uuid| (1..=64).contains(&uuid.chars().count()));
        let uuid = uuid.ok_or(PosError::Invalid("uuid"))?.to_owned();
        let workplace = match self.parameters.get("workplace") {
            None => None,
            Some(_) => self.id("workplace")?.map(PosId),
        };
        Ok((uuid, workplace))
    }

    pub(super) async fn pay_items(self) -> Option<Result<String, PosError>> {
        let (id, pay) = match self.sale() {
            Ok(sale) => sale,
            Err(error) => return Some(Err(error)),
        };
        let pos = pay.point_of_sale;
        let done = match self.submit(id, Action::PayItems(pay)).await {
            Ok(done) => done,
            Err(refusal) => return of_refusal(refusal).map(Err),
        };
        // The first answer and a repetition's come from the same rows, so they are the same.
        let views = self.book.views();
        let rows = views.transaction.of_events(pos, done.first, done.end);
        let items = rows.iter().filter(|row| !row.deposit()).count();
        let transactions = rows.iter().map(|row| row.tx().into()).collect();
        Some(Ok(wire::event(
            "payitem",
            wire::Paid {
                items,
                transactions,
            },
        )))
    }

    /// Checks 9 for `payitems`: types and ranges. All that needs the catalogue is the ledger's.
    fn sale(&self) -> Result<(CommandId, PayItems), PosError> {
        let pos = self.id("POSID")?;
        let Some(Value::List(entries)) = self.parameters.get("Products") else {
            return Err(PosError::Invalid("products"));
        };
        if entries.len() > MAX_PRODUCTS {
            return Err(PosError::Invalid("products"));
        }
        let mut lines = Vec::with_capacity(entries.len());
        for entry in entries {
            lines.extend(counted(entry)?);
        }
        let method = self.id("PaymentMethod")?;
        let request_id = match self.parameters.given("request_id") {
            None => None,
            Some(Value::Text(id)) if (1..=128).contains(&id.chars().count()) => Some(id.as_str()),
            Some(_) => return Err(PosError::Invalid("request_id")),
        };
        let point_of_sale = PosId(pos.ok_or(PosError::UnknownPos)?);
        // A number that no id can be names a method that is not there.
        let payment_method = PaymentMethodId(method.unwrap_or(u32::MAX));
        let password = self.password(point_of_sale, "posPassword");
        let pay = PayItems {
            point_of_sale,
            password,
            payment_method,
            lines,
        };
        let id = request_id.map_or_else(CommandId::fresh, |request_id| {
            CommandId::chosen(
                &format!("concertpos/{point_of_sale}"),
                request_id,
                &pay.meaningful(),
            )
        });
        Ok((id, pay))
    }

    async fn submit(&self, id: CommandId, action: Action) -> Result<Done, Refusal> {
        let command = Command {
            by: Actor::Key(self.key.id),
            id,
            action,
        };
        self.book.submit(command).await
    }
}

/// An entry of `Products`, or nothing when its amount is absent or not above 0.
fn counted(entry: &Value) -> Result<Option<(ProductId, u32)>, PosError> {
    let invalid = PosError::Invalid("products");
    if !matches!(entry, Value::Object(_)) {
        return Err(invalid);
    }
    let amount = match entry.member("Amount") {
        None | Some(Value::Null) => return Ok(None),
        Some(amount) if at_most_zero(amount) => return Ok(None),
        Some(amount) => whole(amount).filter(|amount| *amount <= MAX_AMOUNT),
    };
    let pieces = amount.and_then(|amount| u32::try_from(amount).ok());
    let pieces = pieces.ok_or_else(|| invalid.clone())?;
    let id = entry.member("ID").and_then(whole).ok_or(invalid)?;
    // A number that no id can be names a product that is not there; the ledger says so in its turn.
    Ok(Some((
        ProductId(u32::try_from(id).unwrap_or(u32::MAX)),
        pieces,
    )))
}
