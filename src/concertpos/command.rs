//! The commands of this protocol: names, costs, parameters, answers, in the documented order of
//! checks.

use super::error::{PosError, of_refusal};
use super::rate_limit::RateLimit;
use super::wire::{self, Parameters, Request, Row, whole};
use crate::ledger::{
    Action, Book, Command, CommandId, Done, Ledger, PayItems, Refusal, Status, decide,
};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::{Key, PointOfSale, Scope};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId};
use daybook_schema::{Actor, At, Digest, Money};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Each command with its cost in points and its required parameters, in the order in which they
/// are asked for.
const COMMANDS: [(&str, u32, &[&str]); 12] = [
    ("getconfig", 25, &[]),
    ("getdeposit", 10, &[]),
    ("getlicense", 4, &[]),
    ("getstatus", 15, &[]),
    ("listpm", 20, &["POSID"]),
    ("listpos", 5, &[]),
    ("listproducts", 25, &["POSID"]),
    ("listtransactions", 2, &["POSID"]),
    ("payitems", 1, &["POSID", "Products", "PaymentMethod"]),
    ("registerdevice", 10, &["UUID"]),
    ("verifyauth", 10, &["password", "workplace"]),
    ("version", 50, &[]),
];

/// Most entries of `Products`.
const MAX_PRODUCTS: usize = 1000;

/// Most pieces of one entry.
const MAX_AMOUNT: i64 = 10_000;

/// What a command may use.
pub(super) struct Caller<'a> {
    pub ledger: &'a Ledger,
    pub installation: &'a [u8; 32],
    pub limit: &'a RateLimit,
    pub slug: &'a str,
    pub json5: bool,
    pub now: Instant,
    pub at: At,
}

/// An answered command: its name (a known word) and what to send. `answer` is `None` when nothing
/// may be said.
pub(super) struct Answered {
    pub name: &'static str,
    pub answer: Option<Result<String, PosError>>,
}

/// A command that passed the checks which all commands share.
struct Call {
    book: Book,
    views: Arc<Views>,
    key: Arc<Key>,
    name: &'static str,
    parameters: Parameters,
    installation: [u8; 32],
    at: At,
}

/// Answers one message.
pub(super) async fn answer(caller: &Caller<'_>, message: &[u8]) -> Answered {
    let mut name = "unknown";
    let answer = match admit(caller, message, &mut name) {
        Ok(call) => call.run().await,
        Err(error) => Some(Err(error)),
    };
    Answered { name, answer }
}

/// Checks 1 to 8 of the documented order.
fn admit(caller: &Caller<'_>, message: &[u8], name: &mut &'static str) -> Result<Call, PosError> {
    let Request {
        command,
        parameters,
    } = Request::read(message, caller.json5)?;
    let book = caller
        .ledger
        .book(caller.slug)
        .ok_or(PosError::InvalidInstance)?;
    let views = book.views();
    let api_key = parameters.get("api_key").ok_or(PosError::MissingApiKey)?;
    if !views.access.any_key_for(Scope::Pos) {
        return Err(PosError::NoApiKey);
    }
    let api_key = api_key.as_str().ok_or(PosError::ApiKeyMismatch)?;
    let hash = secrets::key_hash(caller.installation, api_key);
    let key = views
        .access
        .key_of(&hash)
        .filter(|key| key.scopes.contains(&Scope::Pos));
    let key = key.ok_or(PosError::ApiKeyMismatch)?.clone();
    let command = command.ok_or(PosError::Missing("command"))?;
    let known = COMMANDS.iter().find(|(name, ..)| *name == command);
    let &(known, cost, required) = known.ok_or(PosError::UnknownCommand)?;
    *name = known;
    let admitted = caller
        .limit
        .admit((&book.log, key.id), known, cost, caller.now);
    admitted.map_err(|retry_after| PosError::RateLimit {
        command: known,
        retry_after,
    })?;
    for parameter in required {
        if parameters.get(parameter).is_none() {
            return Err(PosError::Missing(lower_case(parameter)));
        }
    }
    let installation = *caller.installation;
    Ok(Call {
        book,
        views,
        key,
        name: known,
        parameters,
        installation,
        at: caller.at,
    })
}

/// Parameter names as errors spell them.
fn lower_case(parameter: &str) -> &'static str {
    match parameter {
        "POSID" => "posid",
        "Products" => "products",
        "PaymentMethod" => "paymentmethod",
        "UUID" => "uuid",
        "Limit" => "limit",
        "password" => "password",
        "workplace" => "workplace",
        _ => "request_id",
    }
}

impl Call {
    async fn run(self) -> Option<Result<String, PosError>> {
        match self.name {
            "payitems" => self.pay_items().await,
            "registerdevice" => self.register_device().await,
            _ => Some(self.read()),
        }
    }

    /// The commands that only read.
    fn read(&self) -> Result<String, PosError> {
        let parameters = match self.name {
            "getconfig" => self.config(),
            "getdeposit" => return self.deposit(),
            "getlicense" => self.license()?,
            "getstatus" => self.status(),
            "listpm" => self.payment_methods()?,
            "listpos" => self.points_of_sale(),
            "listproducts" => return self.products(),
            "listtransactions" => return self.transactions(),
            "verifyauth" => self.verify_auth()?,
            _ => json!({ "Version": env!("CARGO_PKG_VERSION") }),
        };
        Ok(wire::event(self.name, parameters))
    }

    /// An id parameter that was checked to be there. A number no id can be is an unknown one.
    fn id(&self, parameter: &str) -> Result<Option<u32>, PosError> {
        let value = self.parameters.get(parameter).and_then(whole);
        value
            .map(|id| u32::try_from(id).ok())
            .ok_or_else(|| PosError::Invalid(lower_case(parameter)))
    }

    /// The point of sale of the request, with its password checked.
    fn till(&self) -> Result<Arc<PointOfSale>, PosError> {
        let id = self.id("POSID")?.map(PosId).ok_or(PosError::UnknownPos)?;
        Ok(decide::open_till(
            &self.views,
            id,
            self.password(id, "posPassword").as_ref(),
        )?)
    }

    fn password(&self, pos: PosId, parameter: &str) -> Option<Digest> {
        let password = self.parameters.text(parameter)?;
        Some(secrets::pos_password_hash(
            &self.installation,
            pos,
            &password,
        ))
    }

    fn config(&self) -> Value {
        let mut config = Map::new();
        config.insert("ticket_limit".to_owned(), json!("0"));
        for (key, value) in self.views.instance.settings() {
            config.insert(key.clone(), json!(value));
        }
        json!({ "Config": config })
    }

    fn deposit(&self) -> Result<String, PosError> {
        let currency = self
            .views
            .instance
            .described()
            .ok_or(PosError::InvalidInstance)?
            .currency;
        let price = self
            .views
            .product
            .deposit()
            .map_or(Money::ZERO, |deposit| deposit.price);
        let deposit = wire::DepositPrice {
            price: currency.decimal(price),
        };
        Ok(wire::event(self.name, wire::Deposit { deposit }))
    }

    fn license(&self) -> Result<Value, PosError> {
        let license = self.views.instance.license().ok_or(PosError::NoLicense)?;
        let in_force = license.active && license.expires.is_none_or(|expires| self.at < expires);
        let limits = license.limits;
        let text = |limit: u32| limit.to_string();
        let time = |at: At| at.second().to_string();
        Ok(json!({ "License": {
            "Active": if in_force { "1" } else { "0" },
            "Name": license.name, "LicenseKey": license.key, "Type": license.type_,
            "DeviceLimit": text(limits.devices), "TicketLimit": text(limits.tickets),
            "ProductLimit": text(limits.products), "PaymentLimit": text(limits.payment_methods),
            "POSLimit": text(limits.points_of_sale),
            "Created": time(license.created), "Expires": license.expires.map(time),
        }}))
    }

    fn status(&self) -> Value {
        let (waiting, limit) = self.book.queue();
        let (status, message) = match self.book.status() {
            Status::Ready if waiting > limit / 2 => {
                ("warning", "Many sales are waiting to be booked")
            }
            Status::Ready => ("success", "All systems are operational"),
            Status::Failing(_) | Status::Broken(_) => {
                ("danger", "Sales cannot be booked at the moment")
            }
        };
        json!({ "status": status, "message": message })
    }

    fn payment_methods(&self) -> Result<Value, PosError> {
        let pos = self.till()?;
        let methods = self.views.product.payment_methods();
        let methods: Vec<Value> = methods
            .filter(|method| method.points_of_sale.contains(&pos.id))
            .map(|method| json!({ "ID": method.id, "Payment": method.name, "color": method.color }))
            .collect();
        Ok(json!({ "PaymentMethods": methods }))
    }

    fn points_of_sale(&self) -> Value {
        let show = |pos: &Arc<PointOfSale>| {
            json!({ "ID": pos.id, "PointOfSale": pos.name, "enabled": pos.enabled,
                "special": pos.special, "admin": pos.admin, "password": pos.password_hash.is_some() })
        };
        json!({ "POS": self.views.product.points_of_sale().map(show).collect::<Vec<_>>() })
    }

    fn products(&self) -> Result<String, PosError> {
        let pos = self.till()?;
        let currency = self
            .views
            .instance
            .described()
            .ok_or(PosError::InvalidInstance)?
            .currency;
        let products = self.views.product.products();
        let products = products.filter(|product| product.points_of_sale.contains(&pos.id));
        let products = products
            .map(|product| wire::Product::of(product, currency))
            .collect();
        Ok(wire::event(self.name, wire::Products { products }))
    }

    fn transactions(&self) -> Result<String, PosError> {
        // Types and ranges are judged before the point of sale is looked for.
        self.id("POSID")?;
        let limit = match self.parameters.get("Limit") {
            None => usize::MAX,
            Some(value) => whole(value)
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| *limit >= 1)
                .ok_or(PosError::Invalid("limit"))?,
        };
        let pos = self.till()?.id;
        let mut stored = self.views.transaction.newest_first(pos);
        let mut rows: Vec<Row> = stored
            .by_ref()
            .take(limit)
            .map(|row| row.tx(pos).into())
            .collect();
        if let (Some(oldest), Some(before)) = (rows.last_mut(), stored.next()) {
            oldest.prev = Some(before.tx(pos).hash);
        }
        let count = rows.len();
        Ok(wire::event(
            self.name,
            wire::Transactions {
                count,
                transactions: rows,
            },
        ))
    }

    fn verify_auth(&self) -> Result<Value, PosError> {
        let password = self
            .parameters
            .text("password")
            .ok_or(PosError::Invalid("password"))?;
        let pos = self
            .id("workplace")?
            .map(PosId)
            .ok_or(PosError::UnknownPos)?;
        self.views
            .product
            .point_of_sale(pos)
            .ok_or(PosError::UnknownPos)?;
        let given = secrets::pos_password_hash(&self.installation, pos, &password);
        let success = decide::open_till(&self.views, pos, Some(&given)).is_ok();
        Ok(json!({ "success": success, "password": success.then_some(password) }))
    }

    async fn register_device(self) -> Option<Result<String, PosError>> {
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

    async fn pay_items(self) -> Option<Result<String, PosError>> {
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
        let items = rows.iter().filter(|row| !row.deposit).count();
        let transactions = rows.iter().map(|row| row.tx(pos).into()).collect();
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
        let Some(Value::Array(entries)) = self.parameters.get("Products") else {
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
        let request_id = match self.parameters.get("request_id") {
            None => None,
            Some(Value::String(id)) if id.chars().count() <= 128 => Some(id.as_str()),
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
    let Value::Object(entry) = entry else {
        return Err(invalid);
    };
    let amount = match entry.get("Amount") {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => whole(value).ok_or_else(|| invalid.clone())?,
    };
    if amount <= 0 {
        return Ok(None);
    }
    let pieces = u32::try_from(amount).ok().filter(|_| amount <= MAX_AMOUNT);
    let pieces = pieces.ok_or_else(|| invalid.clone())?;
    let id = entry.get("ID").and_then(whole).ok_or(invalid)?;
    let id = u32::try_from(id).map_err(|_| PosError::UnknownProduct)?;
    Ok(Some((ProductId(id), pieces)))
}
