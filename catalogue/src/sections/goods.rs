//! What is sold and how it is paid: `payment_methods`, `products`, `deposit` and `quotas`.

use super::Known;
use crate::Change;
use crate::limits::{CODE_CHARS, MAX_ENTRIES, MAX_PACK_AMOUNT, MAX_PARTS, MAX_QUOTA, NAME_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar::{self, Sign};
use daybook_schema::facts::{
    Deposit, Modifier, PackItem, PaymentKind, PaymentMethod, Product, Quota,
};
use daybook_schema::id::{ItemId, ModifierId, PaymentMethodId, PosId, ProductId, QuotaId};

/// The button style of a payment method that names none.
const DEFAULT_COLOR: &str = "btn-secondary";
/// The tax group of a product that names none: the standard rate of most fiscal printers.
const DEFAULT_TAX_GROUP: u8 = 2;

pub(super) fn payment_methods(
    root: &mut Record<'_>,
    known: &Known<'_>,
) -> Option<Vec<PaymentMethod>> {
    let mut ids = Registry::new("payment method", "id");
    root.section(
        "payment_methods",
        MAX_ENTRIES,
        &mut ids,
        |method| method.id,
        |r| PaymentMethod {
            color: r
                .optional_line("color", &CODE_CHARS)
                .unwrap_or_else(|| DEFAULT_COLOR.to_owned()),
            id: r.id("id", PaymentMethodId),
            kind: r
                .required("kind", scalar::word)
                .unwrap_or(PaymentKind::Cash),
            name: r.name("name"),
            points_of_sale: r.references("points_of_sale", &known.points_of_sale, PosId),
        },
    )
}

pub(super) fn products(root: &mut Record<'_>, known: &mut Known<'_>) -> Option<Vec<Product>> {
    let Known {
        products,
        points_of_sale,
        ..
    } = known;
    root.section(
        "products",
        MAX_ENTRIES,
        products,
        |product| product.id,
        |r| {
            let name = r.name("name");
            let tax_group = r.optional("tax_group", |value| scalar::number(value, &(1..=8)));
            Product {
                category: r.optional_line("category", &CODE_CHARS),
                crew_blocked: r.flag_or("crew_blocked", false),
                deposit: r.flag_or("deposit", false),
                id: r.id("id", ProductId),
                modifiers: modifiers(r),
                needs_receipt: r.flag_or("needs_receipt", false),
                pack: r.list("pack", MAX_PARTS, pack_item).unwrap_or_default(),
                points_of_sale: r.references("points_of_sale", points_of_sale, PosId),
                price: r.money("price", Sign::Any),
                receipt_name: r
                    .optional_line("receipt_name", &NAME_CHARS)
                    .unwrap_or_else(|| name.clone()),
                requires_authorization: r.flag_or("requires_authorization", false),
                tax_group: tax_group
                    .and_then(|n| n.try_into().ok())
                    .unwrap_or(DEFAULT_TAX_GROUP),
                tax_rate: r.rate("tax_rate"),
                visible: r.flag_or("visible", true),
                name,
            }
        },
    )
}

fn modifiers(product: &mut Record<'_>) -> Vec<Modifier> {
    let mut ids = Registry::new("modifier", "id");
    let read = product.section(
        "modifiers",
        MAX_PARTS,
        &mut ids,
        |modifier: &Modifier| modifier.id,
        |r| Modifier {
            id: r.id("id", ModifierId),
            name: r.name("name"),
            price: r.money("price", Sign::Any),
        },
    );
    read.unwrap_or_default()
}

fn pack_item(r: &mut Record<'_>) -> PackItem {
    PackItem {
        amount: r.number_or("amount", &(1..=MAX_PACK_AMOUNT), 1),
        id: r.optional("id", |value| {
            scalar::number(value, &(0..=u32::MAX)).map(ItemId)
        }),
        is_receipt: r.flag_or("is_receipt", false),
        name: r.name("name"),
        visible: r.flag_or("visible", true),
    }
}

pub(super) fn deposit(root: &mut Record<'_>, known: &Known<'_>) -> Change<Deposit> {
    root.change("deposit", |r| Deposit {
        price: r.money("price", Sign::NotNegative),
        product: r.reference("product", &known.products, ProductId),
    })
}

pub(super) fn quotas(root: &mut Record<'_>, known: &Known<'_>) -> Option<Vec<Quota>> {
    let mut ids = Registry::new("quota", "id");
    root.section(
        "quotas",
        MAX_ENTRIES,
        &mut ids,
        |quota| quota.id,
        |r| Quota {
            id: r.id("id", QuotaId),
            name: r.name("name"),
            products: r.references("products", &known.products, ProductId),
            size: r.number("size", &(0..=MAX_QUOTA)),
        },
    )
}
