//! What is sold where: points of sale, payment methods, products, the deposit.

use daybook_schema::facts::{Deposit, PaymentMethod, PointOfSale, Product};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId};
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is sold where.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProductView {
    pub(crate) points_of_sale: OrdMap<PosId, Arc<PointOfSale>>,
    pub(crate) payment_methods: OrdMap<PaymentMethodId, Arc<PaymentMethod>>,
    pub(crate) products: OrdMap<ProductId, Arc<Product>>,
    deposit: Option<Deposit>,
    changed: u64,
}

impl ProductView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PointOfSaleDefined(entry) => {
                self.points_of_sale
                    .insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::PointOfSaleWithdrawn(gone) => {
                self.points_of_sale.remove(&gone.id);
            }
            Fact::PaymentMethodDefined(entry) => {
                self.payment_methods
                    .insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::PaymentMethodWithdrawn(gone) => {
                self.payment_methods.remove(&gone.id);
            }
            Fact::ProductDefined(entry) => {
                self.products.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::ProductWithdrawn(gone) => {
                self.products.remove(&gone.id);
            }
            Fact::DepositSet(deposit) => self.deposit = Some(*deposit),
            Fact::DepositCleared(_) => self.deposit = None,
            _ => return,
        }
        self.changed = event.seq + 1;
    }

    /// Grows with every change that tills must hear of: seq after the last such event.
    #[must_use]
    pub const fn changed(&self) -> u64 {
        self.changed
    }

    /// A point of sale.
    #[must_use]
    pub fn point_of_sale(&self, id: PosId) -> Option<&Arc<PointOfSale>> {
        self.points_of_sale.get(&id)
    }

    /// All points of sale by id.
    pub fn points_of_sale(&self) -> impl Iterator<Item = &Arc<PointOfSale>> {
        self.points_of_sale.values()
    }

    /// A payment method.
    #[must_use]
    pub fn payment_method(&self, id: PaymentMethodId) -> Option<&Arc<PaymentMethod>> {
        self.payment_methods.get(&id)
    }

    /// All payment methods by id.
    pub fn payment_methods(&self) -> impl Iterator<Item = &Arc<PaymentMethod>> {
        self.payment_methods.values()
    }

    /// A product.
    #[must_use]
    pub fn product(&self, id: ProductId) -> Option<&Arc<Product>> {
        self.products.get(&id)
    }

    /// All products by id.
    pub fn products(&self) -> impl Iterator<Item = &Arc<Product>> {
        self.products.values()
    }

    /// The deposit, when the instance charges one.
    #[must_use]
    pub const fn deposit(&self) -> Option<&Deposit> {
        self.deposit.as_ref()
    }
}
