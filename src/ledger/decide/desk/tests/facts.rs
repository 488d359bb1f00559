//! Facts about a venue, with only what tests vary.

use super::venue::{badge, money, rate};
use daybook_schema::facts::{
    CashDesk, ConstrainedProduct, ListConstraint, ListEntry, PaymentKind, PaymentMethod,
    PointOfSale, Preorder, PreorderPosition, Product, Quota, Role, Session, TimeConstraint, User,
    WarningConstraint,
};
use daybook_schema::id::{
    CashDeskId, ConstraintId, ListEntryId, PaymentMethodId, PosId, PreorderId, PreorderPositionId,
    ProductId, QuotaId, SessionId, UserId,
};
use daybook_schema::{At, Fact, Money};

pub(super) fn product(id: u32) -> Product {
    Product {
        category: None,
        crew_blocked: false,
        deposit: false,
        id: ProductId(id),
        modifiers: Vec::new(),
        name: format!("Product {id}"),
        needs_receipt: true,
        pack: Vec::new(),
        points_of_sale: Vec::new(),
        price: money(2300),
        receipt_name: format!("Product {id}"),
        requires_authorization: false,
        tax_group: 1,
        tax_rate: rate(19),
        visible: true,
    }
}

pub(super) fn preorder(id: u32, secrets: &[(u32, &str, u32)]) -> Preorder {
    let position = |&(id, secret, product): &(u32, &str, u32)| PreorderPosition {
        id: PreorderPositionId(id),
        price: None,
        product: ProductId(product),
        secret: secret.to_owned(),
    };
    Preorder {
        id: PreorderId(id),
        is_canceled: false,
        is_paid: true,
        order_code: format!("CODE{id}"),
        positions: secrets.iter().map(position).collect(),
        warning_text: String::new(),
    }
}

/// A product under a constraint; what buys it free, in cents and percent.
pub(super) type Under = (u32, Option<(i64, u32)>);

fn constrained(products: &[Under]) -> Vec<ConstrainedProduct> {
    let product = |(product, price): &Under| ConstrainedProduct {
        price: price.map(|(cents, _)| money(cents)),
        product: ProductId(*product),
        tax_rate: price.map(|(_, percent)| rate(percent)),
    };
    products.iter().map(product).collect()
}

pub(super) fn warning(id: u32, products: &[Under]) -> Fact {
    Fact::WarningConstraintDefined(WarningConstraint {
        id: ConstraintId(id),
        message: format!("Warning {id}"),
        products: constrained(products),
    })
}

pub(super) fn list(id: u32, products: &[Under]) -> Fact {
    Fact::ListConstraintDefined(ListConstraint {
        id: ConstraintId(id),
        name: format!("List {id}"),
        products: constrained(products),
    })
}

pub(super) fn list_entry(id: u32, list: u32, identifier: &str) -> Fact {
    Fact::ListEntryDefined(ListEntry {
        id: ListEntryId(id),
        identifier: identifier.to_owned(),
        list: ConstraintId(list),
        name: format!("Person {id}"),
    })
}

pub(super) fn window(id: u32, product: u32, start: Option<At>, end: Option<At>) -> Fact {
    Fact::TimeConstraintDefined(TimeConstraint {
        end,
        id: ConstraintId(id),
        name: format!("Window {id}"),
        products: vec![ProductId(product)],
        start,
    })
}

pub(super) fn quota(id: u32, size: u32, products: &[u32]) -> Fact {
    Fact::QuotaDefined(Quota {
        id: QuotaId(id),
        name: format!("Quota {id}"),
        products: products.iter().map(|id| ProductId(*id)).collect(),
        size,
    })
}

pub(super) fn method(id: u32, kind: PaymentKind, points_of_sale: &[PosId]) -> Fact {
    Fact::PaymentMethodDefined(PaymentMethod {
        color: "green".to_owned(),
        id: PaymentMethodId(id),
        kind,
        name: format!("Method {id}"),
        points_of_sale: points_of_sale.to_vec(),
    })
}

pub(super) fn point_of_sale(id: PosId, enabled: bool) -> Fact {
    Fact::PointOfSaleDefined(PointOfSale {
        admin: false,
        enabled,
        id,
        name: format!("Place {id}"),
        password_hash: None,
        printer: None,
        special: false,
    })
}

pub(super) fn cash_desk(id: u32, point_of_sale: PosId, inactive: bool) -> Fact {
    Fact::CashDeskDefined(CashDesk {
        id: CashDeskId(id),
        inactive,
        ip_address: None,
        name: format!("Desk {id}"),
        point_of_sale,
        printer: None,
    })
}

pub(super) fn user(id: u32, badge_text: &str, role: Role) -> Fact {
    Fact::UserDefined(User {
        badge_hash: Some(badge(badge_text)),
        id: UserId(id),
        name: format!("User {id}"),
        roles: vec![role],
        username: format!("user{id}"),
    })
}

pub(super) fn session(id: u32, user: u32, cash_desk: u32) -> Session {
    Session {
        cash_before: Money::ZERO,
        cash_desk: CashDeskId(cash_desk),
        id: SessionId(id),
        starts: None,
        token_hash: badge(&format!("token {id}")),
        user: UserId(user),
    }
}
