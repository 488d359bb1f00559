//! What comes out on paper by itself: receipts of sales, their copies, tickets for kitchens, the
//! drawer. It follows from the facts of a command, whichever door it came through, and stands in the
//! log with them.

use super::goods::{self, Entry};
use daybook_projections::Views;
use daybook_schema::facts::{
    CopyRequest, Door, OrderExtension, PrintCopy, PrintItem, PrintJob, PrintOriginal, PrintReason,
    PrintReceipt, PrintRequest, PrintReversal, Printer, ReceiptNumber, Sale,
};
use daybook_schema::id::{PosId, SessionId, TxId};
use daybook_schema::{At, Fact};
use std::sync::Arc;

/// Names of tasks that the ledger gives; clients' names never begin with it.
const OURS: &str = "daybook:";

/// How long a drawer's opening may wait. Unit: microseconds.
const DRAWER_WAITS: i64 = 60_000_000;

/// Entries on one ticket; more make another ticket.
const TICKET_ENTRIES: usize = 60;

/// Adds what is printed because of these facts.
pub(in crate::ledger::decide) fn follow(views: &Views, facts: &mut Vec<Fact>, at: At) {
    if views.printer.printers().next().is_none() {
        return;
    }
    let mut paper = Paper {
        views,
        at,
        first: views.head.size + facts.len() as u64,
        number: views.printer_job.last_number(),
        facts: Vec::new(),
    };
    // All parts of a sale, or of a reversal: a command records one.
    let (mut sold, mut reversed) = (Vec::new(), Vec::new());
    for fact in facts.iter() {
        match fact {
            Fact::SaleRecorded(sale) => sold.push(sale),
            Fact::SaleReversed(sale) => reversed.push(sale),
            Fact::CopyRequested(copy) => paper.copy(copy),
            Fact::OrderExtended(order) => paper.ordered(order),
            Fact::DrawerOpened(action) => paper.desk_drawer(action.session),
            Fact::SupplyUsed(supply) => paper.desk_drawer(supply.session),
            _ => {}
        }
    }
    paper.sold(&sold);
    paper.reversed(&reversed);
    let followed = paper.facts;
    facts.extend(followed);
}

struct Paper<'a> {
    views: &'a Views,
    at: At,
    /// Seq of the first fact that is added.
    first: u64,
    number: u32,
    facts: Vec<Fact>,
}

impl Paper<'_> {
    /// Seq of the next fact that is added.
    fn next_seq(&self) -> u64 {
        self.first + self.facts.len() as u64
    }

    fn request(&mut self, printer: &Printer, task: String, job: PrintJob, sale: Option<TxId>) {
        self.facts.push(Fact::PrintRequested(PrintRequest {
            deadline: None,
            job,
            node: None,
            printer: printer.id.clone(),
            request: None,
            sale,
            task,
        }));
    }

    /// The receipt, its copies, the drawer, and the kitchens' tickets.
    fn sold(&mut self, parts: &[&Sale]) {
        let Some(first) = parts.first() else {
            return;
        };
        let printer = self.printer(first.session, first.point_of_sale.id);
        if let Some(printer) = &printer {
            self.drawer(printer);
            self.receipt(printer, parts);
        }
        // What was ordered at a table was cooked before it is paid.
        if first.door != Door::Qr && self.kitchens().next().is_some() {
            let entries = goods::sold(self.views, parts);
            let place = goods::comment(&first.point_of_sale.name);
            self.tickets(&[place], &entries);
        }
    }

    fn receipt(&mut self, printer: &Printer, parts: &[&Sale]) {
        let Some((sale, number, receipt)) = self.numbered(printer, parts) else {
            return;
        };
        let requested = self.next_seq();
        self.request(
            printer,
            format!("{OURS}sale:{sale}"),
            PrintJob::Receipt(PrintReceipt {
                number: Some(number),
                ..receipt
            }),
            Some(sale),
        );
        for copy in 1..=printer.copies {
            self.copy_of(printer, sale, copy, requested);
        }
    }

    /// What stands on the receipt of a sale, with the number that it gets.
    fn numbered(
        &mut self,
        printer: &Printer,
        parts: &[&Sale],
    ) -> Option<(TxId, u32, PrintReceipt)> {
        let sale = parts.first()?.tx.first()?.id;
        let receipt = goods::receipt(self.views, printer.receipts?, parts)?;
        Some((sale, self.next_number(sale)?, receipt))
    }

    fn next_number(&mut self, sale: TxId) -> Option<u32> {
        self.number = self.number.checked_add(1)?;
        self.facts.push(Fact::ReceiptNumbered(ReceiptNumber {
            number: self.number,
            sale: Some(sale),
            task: format!("{OURS}sale:{sale}"),
        }));
        Some(self.number)
    }

    /// A receipt that was printed is taken back on paper too, as it was.
    fn reversed(&mut self, parts: &[&Sale]) {
        let place = |first: &&Sale| self.printer(first.session, first.point_of_sale.id);
        let Some(printer) = parts.first().and_then(place) else {
            return;
        };
        let lines = parts.iter().flat_map(|part| &part.lines);
        let mut records = lines.filter_map(|line| Some(line.reverses?.id));
        let receipts = &self.views.printer_job;
        let original = records.find_map(|id| receipts.receipt(id));
        let Some(original) = original.map(|original| original.requested) else {
            return;
        };
        let sale = parts
            .iter()
            .flat_map(|part| &part.tx)
            .map(|tx| tx.id)
            .next();
        let Some((sale, number)) = sale.and_then(|sale| Some((sale, self.next_number(sale)?)))
        else {
            return;
        };
        let receipt = PrintReceipt {
            number: Some(number),
            ..PrintReceipt::default()
        };
        let job = PrintJob::Reversal(PrintReversal {
            original: PrintOriginal::Request(original),
            reason: PrintReason::OperatorError,
            receipt,
        });
        self.request(&printer, format!("{OURS}sale:{sale}"), job, Some(sale));
    }

    fn copy(&mut self, copy: &CopyRequest) {
        let Some(receipt) = self.views.printer_job.receipt(copy.transaction) else {
            return;
        };
        let (count, requested) = (receipt.copies + 1, receipt.requested);
        if let Some(printer) = self.desk_printer(copy.session) {
            self.copy_of(&printer, copy.transaction, count, requested);
        }
    }

    fn copy_of(&mut self, printer: &Printer, sale: TxId, copy: u32, of: u64) {
        let task = format!("{OURS}sale:{sale}:copy:{copy}");
        let job = PrintJob::Copy(PrintCopy { copy, of });
        self.request(printer, task, job, Some(sale));
    }

    fn ordered(&mut self, order: &OrderExtension) {
        let table = goods::comment(&format!("{} / {}", order.table.name, order.waiter.name));
        let entries = goods::ordered(self.views, order);
        self.tickets(&[table], &entries);
    }

    /// Each kitchen gets what is of its categories, with the same head.
    fn tickets(&mut self, head: &[PrintItem], entries: &[Entry]) {
        let kitchens: Vec<Arc<Printer>> = self.kitchens().cloned().collect();
        for printer in &kitchens {
            let wanted = |entry: &&Entry| printer.categories.contains(&entry.category);
            let items: Vec<&Entry> = entries.iter().filter(wanted).collect();
            for page in items.chunks(TICKET_ENTRIES) {
                let items = page.iter().flat_map(|entry| entry.items.iter().cloned());
                let receipt = PrintReceipt {
                    items: head.iter().cloned().chain(items).collect(),
                    ..PrintReceipt::default()
                };
                let task = format!("{OURS}ticket:{}", self.next_seq());
                self.request(printer, task, PrintJob::Ticket(receipt), None);
            }
        }
    }

    /// Printers of kitchens.
    fn kitchens(&self) -> impl Iterator<Item = &Arc<Printer>> {
        let printers = self.views.printer.printers();
        printers.filter(|printer| !printer.categories.is_empty())
    }

    fn desk_drawer(&mut self, session: SessionId) {
        if let Some(printer) = self.desk_printer(session) {
            self.drawer(&printer);
        }
    }

    fn drawer(&mut self, printer: &Printer) {
        if printer.drawer {
            let task = format!("{OURS}drawer:{}", self.next_seq());
            self.request(printer, task, PrintJob::Drawer, None);
            // Nobody stands there any more when a printer comes back much later.
            let late = At::from_micros(self.at.micros() + DRAWER_WAITS);
            if let Some(Fact::PrintRequested(request)) = self.facts.last_mut() {
                request.deadline = Some(late);
            }
        }
    }

    /// The cash desk's own printer, or else that of its point of sale.
    fn desk_printer(&self, session: SessionId) -> Option<Arc<Printer>> {
        let session = self.views.session.session(session)?;
        let desk = self.views.session.cash_desk(session.cash_desk)?;
        let own = desk.printer.as_deref();
        let own = own.and_then(|id| self.views.printer.printer(id)).cloned();
        own.or_else(|| self.place_printer(desk.point_of_sale))
    }

    fn place_printer(&self, pos: PosId) -> Option<Arc<Printer>> {
        let pos = self.views.product.point_of_sale(pos)?;
        let printer = self.views.printer.printer(pos.printer.as_deref()?);
        printer.cloned()
    }

    /// The printer of whoever sells.
    fn printer(&self, session: Option<SessionId>, pos: PosId) -> Option<Arc<Printer>> {
        match session {
            Some(session) => self.desk_printer(session),
            None => self.place_printer(pos),
        }
    }
}
