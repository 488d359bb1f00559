//! The commands that only read.

use super::Call;
use crate::concertpos::error::PosError;
use crate::concertpos::wire::{self, whole};
use crate::ledger::{Status, decide};
use daybook_catalogue::secrets;
use daybook_schema::facts::PointOfSale;
use daybook_schema::id::PosId;
use daybook_schema::{At, Money};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Rows of a list that are written at once. A longer list takes its turn on a thread of its own, so
/// that sales need not wait for it.
const SHORT_LIST: usize = 1000;

impl Call {
    /// The commands that only read.
    pub(super) async fn read(self) -> Result<String, PosError> {
        let parameters = match self.name {
            "getconfig" => self.config(),
            "getdeposit" => return self.deposit(),
            "getlicense" => self.license()?,
            "getstatus" => self.status(),
            "listpm" => self.payment_methods()?,
            "listpos" => self.points_of_sale(),
            "listproducts" => return self.products(),
            "listtransactions" => return self.transactions().await,
            "verifyauth" => self.verify_auth()?,
            _ => json!({ "Version": env!("CARGO_PKG_VERSION") }),
        };
        Ok(wire::event(self.name, parameters))
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

    async fn transactions(self) -> Result<String, PosError> {
        // Types and ranges are judged before the point of sale is looked for.
        self.id("POSID")?;
        let limit = match self.parameters.given("Limit") {
            None => usize::MAX,
            Some(value) => whole(value)
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| *limit >= 1)
                .ok_or(PosError::Invalid("limit"))?,
        };
        let pos = self.till()?.id;
        let count = self.views.transaction.count(pos).min(limit);
        let write = move || {
            let list = wire::Transactions::newest(&self.views, pos, count);
            wire::event(self.name, list)
        };
        if count <= SHORT_LIST {
            return Ok(write());
        }
        let turn = self.large.clone().acquire_owned().await;
        let turn = turn.map_err(|_| PosError::Internal)?;
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            write()
        });
        written.await.map_err(|_| PosError::Internal)
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
}
