//! What can be ordered at a table, and where it is sold.

use crate::Views;
use daybook_schema::Money;
use daybook_schema::facts::{PointOfSale, Product, Table};
use daybook_schema::id::{PosId, ProductId};
use std::sync::Arc;

impl Views {
    /// The point of sale that takes a table's orders: its own, or the first that is enabled.
    #[must_use]
    pub fn point_of_sale_of(&self, table: &Table) -> Option<&Arc<PointOfSale>> {
        let own = table.point_of_sale;
        let own = own.and_then(|id| self.product.point_of_sale(id));
        own.or_else(|| self.product.points_of_sale().find(|pos| pos.enabled))
    }

    /// What is on the menu of a point of sale, by id.
    pub fn menu(&self, pos: PosId) -> impl Iterator<Item = &Arc<Product>> {
        let products = self.product.products();
        products.filter(move |product| is_on_menu(product, pos))
    }

    /// A dish on the menu of a point of sale.
    #[must_use]
    pub fn dish(&self, pos: PosId, id: ProductId) -> Option<&Arc<Product>> {
        let product = self.product.product(id);
        product.filter(|product| is_on_menu(product, pos))
    }
}

/// Returns have a negative price: who could order them would lower the bill.
fn is_on_menu(product: &Product, pos: PosId) -> bool {
    product.visible && product.price >= Money::ZERO && product.points_of_sale.contains(&pos)
}
