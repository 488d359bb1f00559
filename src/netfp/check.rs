//! The check of what a request asks for, against the printer that it names. What fails here is
//! answered and leaves no trace.

use super::wish::{Reversal, Transfer, Wanted, Wish};
use crate::print::job;
use daybook_printers::device::{Capabilities, Message, PaymentKind, SubtotalModifiers};
use daybook_printers::dialogue::Operation;
use daybook_printers::receipt::{self, Item, ModifierKind, Receipt};
use daybook_printers::speak::Manner;
use daybook_schema::facts::{
    PrintClock, PrintJob, PrintOriginal, PrintRaw, PrintReversal, PrintTransfer, PrintedPaper,
};
use jiff::civil::DateTime;

/// What is wrong.
pub(super) type Faults = Vec<Message>;

/// A job that can be recorded.
#[derive(Debug)]
pub(super) struct Order {
    pub job: PrintJob,
    /// Of the operator; never recorded.
    pub password: Option<String>,
    /// What there is to say about how it was asked for.
    pub warnings: Vec<Message>,
}

impl From<PrintJob> for Order {
    fn from(job: PrintJob) -> Self {
        Self {
            job,
            password: None,
            warnings: Vec::new(),
        }
    }
}

/// A wish that was checked as far as that is possible without knowing the device.
pub(super) enum Checkable {
    /// Wholly.
    Order(Order),
    /// A receipt needs the device's limits.
    Receipt(Wanted),
    /// So does a reversal.
    Reversal(Box<Reversal>),
}

/// What a fiscal device might be able to do: what this refuses, all refuse. Texts are cut and never
/// refused, so their lengths do not count.
pub(super) fn limitless() -> Capabilities {
    Capabilities {
        item_text: 72,
        comment_text: 72,
        operator_password: 72,
        payments: PaymentKind::ALL.to_vec(),
        subtotal_modifiers: SubtotalModifiers::Supported,
        terminal: true,
        fiscal: true,
    }
}

/// Checks what depends on the driver alone.
pub(super) fn begin(wish: Wish, manner: &Manner) -> Result<Checkable, Faults> {
    let simple = |operation, job: PrintJob| {
        can(manner, operation)?;
        Ok(Checkable::Order(job.into()))
    };
    match wish {
        Wish::Receipt(wanted) => Ok(Checkable::Receipt(wanted)),
        Wish::Reversal(reversal) => Ok(Checkable::Reversal(reversal)),
        Wish::Cash => simple(Operation::Cash, PrintJob::Cash),
        Wish::Duplicate => simple(Operation::Duplicate, PrintJob::Duplicate),
        Wish::Reset => simple(Operation::Reset, PrintJob::Reset),
        Wish::XReport => simple(Operation::XReport, PrintJob::Xreport),
        Wish::ZReport => simple(Operation::ZReport, PrintJob::Zreport),
        Wish::Unsupported(why) => Err(vec![Message::error("E413", why)]),
        Wish::Datetime(time) => {
            can(manner, Operation::SetTime(time.unwrap_or(DateTime::MIN)))?;
            clock(time).map(|clock| Checkable::Order(clock.into()))
        }
        Wish::Deposit(transfer) => moved(transfer, manner, Operation::Deposit, PrintJob::Deposit),
        Wish::Withdraw(transfer) => {
            moved(transfer, manner, Operation::Withdraw, PrintJob::Withdraw)
        }
        Wish::Raw(command) => {
            can(manner, Operation::Raw(command.clone())).map_err(|_| {
                let text = "Raw requests are not implemented by this driver";
                vec![Message::error("E413", text)]
            })?;
            Ok(Checkable::Order(PrintJob::Raw(PrintRaw { command }).into()))
        }
    }
}

/// Drivers say so when devices of their kind cannot do it at all.
fn can(manner: &Manner, operation: Operation) -> Result<(), Faults> {
    let dialogue = manner.dialogue(operation, None, 0);
    dialogue.map(drop).map_err(|refused| vec![refused])
}

/// Devices have years of two digits.
fn clock(time: Option<DateTime>) -> Result<PrintJob, Faults> {
    if time.is_some_and(|time| !(2000..=2099).contains(&time.year())) {
        let text = "\"deviceDateTime\" should be a time of this century";
        return Err(vec![Message::error("E403", text)]);
    }
    let time = time.map(job::written);
    Ok(PrintJob::Datetime(PrintClock { time }))
}

fn moved(
    transfer: Transfer,
    manner: &Manner,
    operation: fn(receipt::Transfer) -> Operation,
    job: fn(PrintTransfer) -> PrintJob,
) -> Result<Checkable, Faults> {
    let Transfer { amount, operator } = transfer;
    let checked = receipt::Transfer::check(amount, operator.clone())?;
    can(manner, operation(checked))?;
    let recorded = PrintTransfer {
        amount,
        operator: operator.id,
        secret: operator.password.is_some(),
    };
    Ok(Checkable::Order(Order {
        job: job(recorded),
        password: operator.password,
        warnings: Vec::new(),
    }))
}

impl Wanted {
    /// Checks a receipt against the device.
    pub(super) fn check(self, device: &Capabilities, manner: &Manner) -> Result<Order, Faults> {
        let checked = self.receipt.check(device, &manner.settings)?;
        recordable(&self.receipt)?;
        can(manner, Operation::Receipt(Box::new(checked)))?;
        Ok(Order {
            job: PrintJob::Receipt(job::record(&self.receipt)),
            password: self.receipt.operator.password,
            warnings: self.warnings,
        })
    }
}

impl Reversal {
    /// Checks a reversal against the device.
    pub(super) fn check(self, device: &Capabilities, manner: &Manner) -> Result<Order, Faults> {
        let Self {
            wanted,
            number,
            time,
            fiscal_memory,
            reason,
        } = self;
        let asked = receipt::Reversal {
            receipt: wanted.receipt,
            number,
            time: time.unwrap_or_default(),
            fiscal_memory,
            reason: job::reason(reason),
        };
        let (checked, ignored) = asked.check(device, &manner.settings)?;
        recordable(&asked.receipt)?;
        let Some(time) = time else {
            let text = "ReceiptDateTime of the original receipt is empty";
            return Err(vec![Message::error("E405", text)]);
        };
        can(manner, Operation::Reversal(Box::new(checked)))?;
        let original = PrintedPaper {
            fiscal_memory: asked.fiscal_memory,
            number: asked.number,
            time: job::written(time),
        };
        let receipt = Receipt {
            payments: Vec::new(),
            ..asked.receipt
        };
        let job = PrintJob::Reversal(PrintReversal {
            original: PrintOriginal::Paper(original),
            reason,
            receipt: job::record(&receipt),
        });
        Ok(Order {
            job,
            password: receipt.operator.password,
            warnings: wanted.warnings.into_iter().chain(ignored).collect(),
        })
    }
}

/// That nothing of a sound receipt is too large for the log.
fn recordable(receipt: &Receipt) -> Result<(), Faults> {
    for (index, item) in receipt.items.iter().enumerate() {
        let Item::Sale(sale) = item else { continue };
        let mut faults = Faults::new();
        let mut fault = |text: &str| {
            let text = format!("Item {}: {text}", index + 1);
            faults.push(Message::error("E403", text));
        };
        if u32::try_from(sale.code).is_err() {
            fault("\"itemCode\" should be between 0 and 4294967295");
        }
        let is_percent = matches!(sale.modifier, ModifierKind::Percent(_));
        if is_percent && i32::try_from(sale.modifier_value).is_err() {
            fault("\"priceModifierValue\" is too large");
        }
        if !faults.is_empty() {
            return Err(faults);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::route::Action;
    use super::*;
    use daybook_printers::device::Settings;
    use daybook_printers::escpos::layout::Layout;
    use daybook_printers::uri::Driver;
    use daybook_schema::facts::PrintReason;

    fn manner(driver: Driver) -> Manner {
        Manner {
            driver,
            settings: Settings::default(),
            layout: Layout::default(),
        }
    }

    fn device() -> Capabilities {
        Capabilities {
            item_text: 22,
            comment_text: 42,
            operator_password: 8,
            payments: vec![PaymentKind::Cash, PaymentKind::Card],
            subtotal_modifiers: SubtotalModifiers::Unsupported,
            terminal: false,
            fiscal: true,
        }
    }

    fn checked(driver: Driver, action: Action, body: &str) -> Result<Order, Faults> {
        checked_for(&device(), driver, action, body)
    }

    fn checked_for(
        device: &Capabilities,
        driver: Driver,
        action: Action,
        body: &str,
    ) -> Result<Order, Faults> {
        let manner = manner(driver);
        match begin(Wish::read(action, body.as_bytes()).unwrap(), &manner)? {
            Checkable::Order(order) => Ok(order),
            Checkable::Receipt(wanted) => wanted.check(device, &manner),
            Checkable::Reversal(reversal) => reversal.check(device, &manner),
        }
    }

    fn refused(driver: Driver, action: Action, body: &str) -> (&'static str, String) {
        let faults = checked(driver, action, body).unwrap_err();
        (faults[0].code.unwrap(), faults[0].text.to_string())
    }

    #[test]
    fn what_a_driver_cannot_do_is_refused() {
        for (action, body, code) in [
            (Action::Cash, "", "E412"),
            (Action::ZReport, "", "E412"),
            (Action::XReport, "", "E412"),
            (Action::Duplicate, "", "E412"),
            (Action::Reset, "", "E412"),
            (Action::Datetime, "", "E412"),
            (Action::RawRequest, r#"{"rawRequest":"J"}"#, "E413"),
            (Action::Invoice, "{}", "E413"),
            (Action::CreditNote, "{}", "E413"),
        ] {
            assert_eq!(refused(Driver::EscPos, action, body).0, code, "{action:?}");
            if code == "E412" || action == Action::RawRequest {
                assert!(checked(Driver::DatecsP, action, body).is_ok(), "{action:?}");
            }
        }
        let (_, text) = refused(Driver::DatecsX, Action::Invoice, r#"{"items":[]}"#);
        assert_eq!(text, "Invoice printing is not implemented by this driver");
        let (_, text) = refused(Driver::DatecsX, Action::CreditNote, r"{}");
        assert_eq!(
            text,
            "Credit note printing is not implemented by this driver"
        );
    }

    #[test]
    fn money_that_is_moved_is_above_zero_and_its_password_is_not_recorded() {
        for amount in ["0", "-1", "0.004"] {
            let (code, text) = refused(
                Driver::Daisy,
                Action::Deposit,
                &format!("{{\"amount\":{amount}}}"),
            );
            assert_eq!(
                (code, text.as_str()),
                ("E403", "Amount should be positive number")
            );
        }
        let order = checked(
            Driver::Daisy,
            Action::Withdraw,
            r#"{"amount":12.34,"operator":"2","operatorPassword":"4711"}"#,
        );
        let order = order.unwrap();
        assert_eq!(order.password.as_deref(), Some("4711"));
        let PrintJob::Withdraw(transfer) = &order.job else {
            panic!("{order:?}");
        };
        assert!(transfer.secret && transfer.amount.units() == 1234);
        assert!(!format!("{:?}", order.job).contains("4711"));
    }

    #[test]
    fn clocks_are_set_within_what_devices_know() {
        for (body, expected) in [
            ("", None),
            (
                r#"{"deviceDateTime":"2026-05-01T12:00:00.9"}"#,
                Some("2026-05-01T12:00:00"),
            ),
        ] {
            let order = checked(Driver::Zfp, Action::Datetime, body).unwrap();
            let PrintJob::Datetime(clock) = order.job else {
                panic!("{order:?}");
            };
            assert_eq!(clock.time.as_deref(), expected);
        }
        let body = r#"{"deviceDateTime":"1999-12-31T23:59:59"}"#;
        assert_eq!(refused(Driver::Zfp, Action::Datetime, body).0, "E403");
    }

    #[test]
    fn a_receipt_is_recorded_as_it_was_asked_for_without_its_password() {
        let body = r#"{"operator":"1","operatorPassword":"0000","items":[
            {"text":"Cheese","unitPrice":12,"taxGroup":2},
            {"text":"Old","isComment":true}]}"#;
        let order = checked(Driver::DatecsP, Action::Receipt, body).unwrap();
        assert_eq!(order.warnings[0].code, Some("W401"));
        assert_eq!(order.password.as_deref(), Some("0000"));
        let PrintJob::Receipt(receipt) = order.job else {
            panic!("{order:?}");
        };
        assert!(receipt.secret && receipt.items.len() == 2);
    }

    #[test]
    fn what_fits_no_line_of_the_log_is_refused() {
        for (members, text) in [
            (
                r#""itemCode":-1"#,
                "Item 1: \"itemCode\" should be between 0 and 4294967295",
            ),
            (
                r#""priceModifierType":"surcharge-percent","priceModifierValue":21474836.48"#,
                "Item 1: \"priceModifierValue\" is too large",
            ),
        ] {
            let body = format!(
                "{{\"items\":[{{\"text\":\"x\",\"taxGroup\":1,\"unitPrice\":0.01,{members}}}]}}"
            );
            let found = refused(Driver::DatecsP, Action::Receipt, &body);
            assert_eq!(found, ("E403", text.to_owned()));
        }
    }

    /// What is not known yet refuses nothing that one device takes, and records the same.
    #[test]
    fn a_device_that_is_not_known_refuses_what_all_refuse() {
        let receipt = |item: &str, payment: &str| {
            let item = format!("{{\"text\":\"x\",\"taxGroup\":1,\"unitPrice\":1}}{item}");
            format!("{{\"items\":[{item}],\"payments\":[{{{payment}}}]}}")
        };
        let found = |body: &str| {
            let order = checked_for(&limitless(), Driver::DatecsP, Action::Receipt, body);
            order
                .map(|order| order.job)
                .map_err(|faults| faults[0].code)
        };
        let damage = r#""paymentType":"damage""#;
        let subtotal = r#",{"type":"surcharge-amount","amount":1}"#;
        for (body, by_one) in [
            (receipt("", damage), "E406"),
            (receipt(subtotal, ""), "E412"),
        ] {
            assert_eq!(refused(Driver::DatecsP, Action::Receipt, &body).0, by_one);
            assert!(found(&body).is_ok(), "{body}");
        }
        let body = receipt("", "");
        let order = checked(Driver::DatecsP, Action::Receipt, &body).unwrap();
        assert_eq!(found(&body), Ok(order.job));
        for (item, payment, code) in [
            ("", r#""amount":2"#, "E403"),
            (r#",{"text":"y"}"#, "", "E403"),
            (r#",{"text":"y","taxGroup":9}"#, "", "E411"),
            (r#",{"text":"y","taxGroup":1,"itemCode":-1}"#, "", "E403"),
            (r#",{"text":"y","taxGroup":1,"department":-1}"#, "", "E403"),
        ] {
            let body = receipt(item, payment);
            assert_eq!(found(&body), Err(Some(code)), "{body}");
        }
        assert_eq!(found("{}"), Err(Some("E410")));
    }

    const ORIGINAL: &str = r#""receiptNumber":"0000085","receiptDateTime":"2026-05-01T12:00:00","fiscalMemorySerialNumber":"02279013""#;
    const ITEMS: &str = r#""items":[{"text":"x","taxGroup":1,"unitPrice":1}]"#;

    #[test]
    fn a_reversal_names_its_original_and_ignores_payments() {
        let body = format!(
            "{{{ORIGINAL},{ITEMS},\"reason\":\"taxbase-reduction\",\"payments\":[{{\"amount\":-5}}]}}"
        );
        let order = checked(Driver::DatecsP, Action::ReversalReceipt, &body).unwrap();
        assert_eq!(order.warnings[0].code, Some("W302"));
        let PrintJob::Reversal(reversal) = order.job else {
            panic!("{order:?}");
        };
        assert_eq!(reversal.reason, PrintReason::TaxBaseReduction);
        assert!(reversal.receipt.payments.is_empty());
        for (left_out, text) in [
            (
                "receiptNumber",
                "ReceiptNumber of the original receipt is empty",
            ),
            (
                "receiptDateTime",
                "ReceiptDateTime of the original receipt is empty",
            ),
            (
                "fiscalMemorySerialNumber",
                "FiscalMemorySerialNumber of the original receipt is empty",
            ),
        ] {
            let body = format!("{{{ORIGINAL},{ITEMS}}}").replace(left_out, "other");
            let found = refused(Driver::DatecsP, Action::ReversalReceipt, &body);
            assert_eq!(found, ("E405", text.to_owned()));
        }
        // Items come first.
        let (code, _) = refused(Driver::DatecsP, Action::ReversalReceipt, "{}");
        assert_eq!(code, "E410");
    }
}
