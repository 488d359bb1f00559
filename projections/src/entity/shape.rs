//! What is told of entities whose facts hold more than is meant for others.

use crate::preorder::PreorderView;
use crate::printer_job::{Ending, Task, TaskState};
use crate::qr_event;
use crate::session::SessionView;
use daybook_schema::entity::{
    CashDesk, Order, OrderPayment, PointOfSale, Preorder, PreorderPosition, PrintJob, PrintState,
    Printer, Session,
};
use daybook_schema::facts;

pub(super) fn point_of_sale(pos: &facts::PointOfSale) -> PointOfSale {
    PointOfSale {
        admin: pos.admin,
        enabled: pos.enabled,
        id: pos.id,
        name: pos.name.clone(),
        printer: pos.printer.clone(),
        special: pos.special,
    }
}

pub(super) fn preorder(preorder: &facts::Preorder, view: &PreorderView) -> Preorder {
    let position = |position: &facts::PreorderPosition| PreorderPosition {
        id: position.id,
        price: position.price,
        product: position.product,
        redeemed: view.redeemed.get(&position.id).copied(),
    };
    Preorder {
        id: preorder.id,
        is_canceled: preorder.is_canceled,
        is_paid: preorder.is_paid,
        order_code: preorder.order_code.clone(),
        positions: preorder.positions.iter().map(position).collect(),
    }
}

pub(super) fn cash_desk(desk: &facts::CashDesk) -> CashDesk {
    CashDesk {
        id: desk.id,
        inactive: desk.inactive,
        name: desk.name.clone(),
        point_of_sale: desk.point_of_sale,
        printer: desk.printer.clone(),
    }
}

pub(super) fn session(session: &facts::Session, view: &SessionView) -> Session {
    let closed = view.closed(session.id);
    Session {
        cash_after: closed.and_then(|closed| closed.cash_after),
        cash_before: session.cash_before,
        cash_desk: session.cash_desk,
        closed: closed.map(|closed| closed.at),
        id: session.id,
        // The view learns of a session and of this by the same event.
        opened: view.opened(session.id).unwrap_or_default(),
        starts: session.starts,
        user: session.user,
    }
}

pub(super) fn order(order: &qr_event::Order) -> Order {
    // What a payment is called was written by whoever sent it.
    let payment = |paid: &qr_event::Paid| OrderPayment {
        amount: paid.amount,
        method: paid.method.clone(),
    };
    Order {
        guid: order.guid.clone(),
        invoice: order.invoice,
        lines: order.lines.iter().cloned().collect(),
        opened: order.opened,
        payments: order.payments.iter().map(payment).collect(),
        sum: order.sum,
        table: order.table.clone(),
        unpaid: order.unpaid,
        waiter: order.waiter.id,
    }
}

pub(super) fn printer(printer: &facts::Printer) -> Printer {
    let driver = printer.uri.split_once("://");
    Printer {
        categories: printer.categories.clone(),
        code_page: printer.code_page,
        columns: printer.columns,
        copies: printer.copies,
        drawer: printer.drawer,
        // The rest is an address, which may hold a password.
        driver: driver.map_or_else(String::new, |(driver, _)| driver.to_owned()),
        header: printer.header.clone(),
        id: printer.id.clone(),
        receipts: printer.receipts,
    }
}

pub(super) fn print_job(name: &str, task: &Task) -> PrintJob {
    let (state, ended, node) = match &task.state {
        TaskState::Waiting => (PrintState::Waiting, None, task.node.clone()),
        TaskState::Running { node } => (PrintState::Running, None, Some(node.clone())),
        TaskState::Ended { how, seq } => {
            let state = match how {
                Ending::Printed => PrintState::Printed,
                Ending::Failed => PrintState::Failed,
                Ending::Unknown => PrintState::Unknown,
            };
            (state, Some(*seq), task.node.clone())
        }
    };
    PrintJob {
        at: task.at,
        deadline: task.deadline,
        ended,
        id: name.to_owned(),
        node,
        printer: task.printer.clone(),
        requested: task.requested,
        sale: task.sale,
        started: task.started,
        state,
    }
}
