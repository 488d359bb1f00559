//! What many rows have in common, kept once: products as they were sold, and payments.

use daybook_schema::facts::{PaymentKind, SaleLine, SalePayment};
use daybook_schema::id::{ItemId, PaymentMethodId, ProductId};
use daybook_schema::{Quantity, TaxRate};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};

/// The tables. Rows keep the place of an entry; entries never change.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    goods: Vector<Good>,
    payments: Vector<Payment>,
    /// Where the latest entry of a kind stands: most rows repeat it.
    latest_good: OrdMap<GoodKey, u32>,
    latest_payment: OrdMap<PaymentMethodId, u32>,
}

/// Sales of a product alternate between these, so each has a latest entry of its own.
type GoodKey = (ProductId, u32, bool);

/// A product as it was sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// Which product.
    pub product: ProductId,
    /// Its name at that time.
    pub name: Box<str>,
    /// The tax rate of the price.
    pub tax_rate: TaxRate,
    /// What was handed out with it.
    pub items: Vec<Item>,
}

/// An item that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Pieces, in thousandths.
    pub amount: Quantity,
    /// Whether cashiers are not shown it.
    pub hidden: bool,
    /// The item that stock counts.
    pub id: Option<ItemId>,
    /// Its name at that time.
    pub name: Box<str>,
}

/// How a sale was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Payment method.
    pub id: PaymentMethodId,
    /// What kind of money.
    pub kind: PaymentKind,
    /// Its name at that time.
    pub name: Box<str>,
}

impl Good {
    /// A reversal takes back what was handed out; the entry is that of the sale.
    fn is(&self, product: ProductId, line: &SaleLine) -> bool {
        let same = |(item, of): (&Item, &daybook_schema::facts::HandedOut)| {
            item.amount == magnitude(of.amount)
                && item.hidden == of.hidden
                && item.id == of.id
                && *item.name == *of.name
        };
        self.product == product
            && *self.name == *line.name
            && self.tax_rate == line.tax_rate
            && self.items.len() == line.items.len()
            && self.items.iter().zip(&line.items).all(same)
    }

    fn of(product: ProductId, line: &SaleLine) -> Self {
        let items = line.items.iter().map(|item| Item {
            amount: magnitude(item.amount),
            hidden: item.hidden,
            id: item.id,
            name: item.name.as_str().into(),
        });
        Self {
            product,
            name: line.name.as_str().into(),
            tax_rate: line.tax_rate,
            items: items.collect(),
        }
    }

    /// What a cashier hands out, as text: `2x Voucher, Wristband`.
    #[must_use]
    pub fn pack_list(&self) -> String {
        let shown = self.items.iter().filter(|item| !item.hidden);
        let shown = shown.map(|item| match item.amount.units() {
            1000 => item.name.to_string(),
            amount => format!("{}x {}", amount / 1000, item.name),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

fn magnitude(amount: Quantity) -> Quantity {
    Quantity::new(amount.units().abs()).unwrap_or(amount)
}

impl Shared {
    pub(super) fn intern_good(&mut self, product: ProductId, line: &SaleLine) -> u32 {
        let rate = line.tax_rate.basis_points();
        let key = (product, rate, line.items.is_empty());
        if let Some(place) = self.latest_good.get(&key)
            && self.good(*place).is(product, line)
        {
            return *place;
        }
        let place = place(&self.goods);
        self.goods.push_back(Good::of(product, line));
        self.latest_good.insert(key, place);
        place
    }

    pub(super) fn intern_payment(&mut self, payment: &SalePayment) -> u32 {
        if let Some(place) = self.latest_payment.get(&payment.id) {
            let latest = self.payment(*place);
            if latest.kind == payment.kind && *latest.name == *payment.name {
                return *place;
            }
        }
        let place = place(&self.payments);
        self.payments.push_back(Payment {
            id: payment.id,
            kind: payment.kind,
            name: payment.name.as_str().into(),
        });
        self.latest_payment.insert(payment.id, place);
        place
    }

    /// The entry at a place that a row keeps.
    pub(super) fn good(&self, place: u32) -> &Good {
        &self.goods[place as usize]
    }

    /// The entry at a place that a row keeps.
    pub(super) fn payment(&self, place: u32) -> &Payment {
        &self.payments[place as usize]
    }
}

fn place<T: Clone>(table: &Vector<T>) -> u32 {
    u32::try_from(table.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::Money;
    use daybook_schema::facts::HandedOut;

    fn line(name: &str, pieces: i64) -> SaleLine {
        let item = HandedOut {
            amount: Quantity::new(pieces * 1000).unwrap(),
            hidden: false,
            id: Some(ItemId(5)),
            name: "Voucher".to_owned(),
        };
        SaleLine {
            authorized_by: None,
            deposit: false,
            items: if pieces == 0 { Vec::new() } else { vec![item] },
            list_entry: None,
            name: name.to_owned(),
            price: Money::ZERO,
            quantity: Quantity::PIECE,
            reverses: None,
            tax_rate: TaxRate::default(),
            ticket: None,
            total: Money::ZERO,
        }
    }

    /// Sold and redeemed pieces of a product alternate, and so do sales and reversals.
    #[test]
    fn what_repeats_is_kept_once() {
        let mut shared = Shared::default();
        let mut redeemed = line("Day ticket", 2);
        redeemed.tax_rate = TaxRate::new(1900).unwrap();
        let lines = [
            line("Day ticket", 2),
            line("Day ticket", -2),
            redeemed,
            line("Day ticket", 0),
        ];
        let payment = |id| SalePayment {
            id: PaymentMethodId(id),
            kind: PaymentKind::Cash,
            name: "Cash".to_owned(),
        };
        let mut places = Vec::new();
        for _ in 0..100 {
            places = lines
                .iter()
                .map(|l| shared.intern_good(ProductId(1), l))
                .collect();
            shared.intern_good(ProductId(2), &lines[0]);
            shared.intern_payment(&payment(1));
            shared.intern_payment(&payment(2));
        }
        assert_eq!(places[0], places[1], "a reversal takes back what was sold");
        assert_eq!((shared.goods.len(), shared.payments.len()), (4, 2));
        assert_eq!(shared.good(places[0]).pack_list(), "2x Voucher");
    }

    #[test]
    fn what_changes_is_kept_anew_and_the_old_stays() {
        let mut shared = Shared::default();
        let old = shared.intern_good(ProductId(1), &line("Day ticket", 2));
        let new = shared.intern_good(ProductId(1), &line("Day ticket", 3));
        let renamed = shared.intern_good(ProductId(1), &line("Weekend", 3));
        assert_eq!([old, new, renamed], [0, 1, 2]);
        assert_eq!(shared.good(old).pack_list(), "2x Voucher");
        assert_eq!(shared.good(new).pack_list(), "3x Voucher");
        assert_eq!(&*shared.good(old).name, "Day ticket");
    }
}
