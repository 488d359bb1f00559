//! What clients are told about a printer or a task: one flat object, whatever was asked.

use daybook_printers::device::{DeviceInfo, Level, Message, SubtotalModifiers};
use daybook_printers::dialogue::{self, Failure, Outcome};
use daybook_schema::facts::{PrintDone, PrintJob, PrintLevel, PrintMessage};
use daybook_schema::{Decimal, Fact, Money};
use serde::Serialize;
use serde_json::Number;

/// Said of a task of which nobody knows how it ended.
pub(super) const UNKNOWN: &str = "Outcome of the print is unknown";

/// An answer. What is left out does not belong to what was asked, or did not come about.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_amount: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_memory_serial_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_response: Option<String>,
    /// Whether no message is an error.
    pub ok: bool,
    messages: Vec<Told>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_code: Option<String>,
}

const ERROR: &str = "error";
const WARNING: &str = "warning";
const INFO: &str = "info";

impl From<&Message> for Told {
    fn from(message: &Message) -> Self {
        Self {
            r#type: match message.level {
                Level::Error => ERROR,
                Level::Warning => WARNING,
                Level::Info => INFO,
            },
            code: message.code.map(str::to_owned),
            text: message.text.to_string(),
            original_code: message.original.clone(),
        }
    }
}

impl From<&PrintMessage> for Told {
    fn from(message: &PrintMessage) -> Self {
        Self {
            r#type: match message.level {
                PrintLevel::Error => ERROR,
                PrintLevel::Warning => WARNING,
                PrintLevel::Info => INFO,
            },
            code: message.code.clone(),
            text: message.text.clone(),
            original_code: message.original.clone(),
        }
    }
}

impl Answer {
    fn saying(messages: Vec<Told>) -> Self {
        Self {
            ok: messages.iter().all(|told| told.r#type != ERROR),
            messages,
            ..Self::default()
        }
    }

    /// Messages and nothing else.
    pub(super) fn of<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Self {
        Self::saying(messages.into_iter().map(Told::from).collect())
    }

    /// One error.
    pub(super) fn error(code: &'static str, text: impl Into<String>) -> Self {
        Self::of(&[Message::error(code, text.into())])
    }

    /// How a device is.
    pub(super) fn status(asked: Result<Outcome, Failure>) -> Self {
        match asked {
            Ok(outcome) => {
                let time = match outcome.answer {
                    dialogue::Answer::Status(time) => time,
                    _ => None,
                };
                Self {
                    device_date_time: time.map(crate::print::job::written),
                    ..Self::of(outcome.messages.as_slice())
                }
            }
            Err(failure) => Self::of(failure.messages().as_slice()),
        }
    }

    /// How a task ended.
    pub(super) fn ended(job: &PrintJob, end: &Fact) -> Self {
        let told = |messages: &[PrintMessage]| messages.iter().map(Told::from).collect();
        match end {
            Fact::Printed(done) => Self::done(job, done),
            Fact::PrintFailed(end) => {
                let messages = told(&end.messages);
                Self::saying(with_error(messages, "The task failed"))
            }
            Fact::PrintUnknown(end) => {
                let mut messages: Vec<Told> = told(&end.messages);
                if !messages.iter().any(|told| told.text == UNKNOWN) {
                    messages.insert(0, Told::from(&Message::error("E999", UNKNOWN)));
                }
                Self::saying(messages)
            }
            _ => Self::error("E999", UNKNOWN),
        }
    }

    /// What is wrong with a device that did it all the same is no error of this task.
    fn done(job: &PrintJob, done: &PrintDone) -> Self {
        let soft = |message| {
            let mut told = Told::from(message);
            if told.r#type == ERROR && is_done_regardless(job) {
                told.r#type = WARNING;
            }
            told
        };
        let mut answer = Self::saying(done.messages.iter().map(soft).collect());
        match job {
            PrintJob::Cash => answer.amount = done.amount.map(number),
            PrintJob::Reset => answer.device_date_time.clone_from(&done.time),
            PrintJob::Raw(_) => {
                answer.raw_response = Some(done.response.clone().unwrap_or_default());
            }
            PrintJob::Receipt(_) | PrintJob::Reversal(_) => {
                let text = done.number.as_deref().unwrap_or_default();
                answer.receipt_number = Some(format!("{text:0>7}"));
                answer.receipt_date_time.clone_from(&done.time);
                answer.receipt_amount = done.amount.map(number);
                let memory = done.fiscal_memory.clone();
                answer.fiscal_memory_serial_number = Some(memory.unwrap_or_default());
            }
            _ => {}
        }
        answer
    }

    /// With what was found before printing, in its place among the messages.
    pub(super) fn after(mut self, warnings: &[Message]) -> Self {
        let errors = self.messages.iter().filter(|told| told.r#type == ERROR);
        let place = errors.count();
        let warnings = warnings.iter().map(Told::from);
        self.messages.splice(place..place, warnings);
        self
    }
}

/// Whether a task that was answered is done, whatever the device complains of: the paper is there,
/// the drawer was counted. What devices say to the others is their answer to the task itself.
const fn is_done_regardless(job: &PrintJob) -> bool {
    match job {
        PrintJob::Cash
        | PrintJob::Copy(_)
        | PrintJob::Deposit(_)
        | PrintJob::Duplicate
        | PrintJob::Receipt(_)
        | PrintJob::Reversal(_)
        | PrintJob::Ticket(_)
        | PrintJob::Withdraw(_)
        | PrintJob::Xreport
        | PrintJob::Zreport => true,
        PrintJob::Datetime(_) | PrintJob::Drawer | PrintJob::Raw(_) | PrintJob::Reset => false,
    }
}

fn with_error(mut messages: Vec<Told>, text: &'static str) -> Vec<Told> {
    if messages.iter().all(|told| told.r#type != ERROR) {
        messages.insert(0, Told::from(&Message::error("E999", text)));
    }
    messages
}

/// An amount in its shortest form: `30`, `12.34`.
fn number(money: Money) -> Number {
    let text = Decimal::new(money.units(), 2).to_string();
    // Ours have at most 15 digits, which a double gives back as they came; so there is always one.
    text.parse().unwrap_or_else(|_| Number::from(0))
}

/// A task, and its answer once it ended.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    pub task_status: &'static str,
    pub result: TaskResult,
}

/// What stands in `result`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TaskResult {
    Ended(Box<Answer>),
    Open {},
}

/// The name of a task that is not over.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pending {
    pub task_id: String,
}

/// A printer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the protocol has them so")]
pub(super) struct Shown {
    uri: String,
    serial_number: String,
    fiscal_memory_serial_number: String,
    company: &'static str,
    manufacturer: &'static str,
    model: String,
    firmware_version: String,
    item_text_max_length: usize,
    comment_text_max_length: usize,
    operator_password_max_length: usize,
    tax_identification_number: String,
    supported_payment_types: Vec<&'static str>,
    supports_sub_total_amount_modifiers: bool,
    sub_total_amount_modifiers_require_tax_group: bool,
    support_payment_terminal: bool,
    use_payment_terminal: bool,
    supports_invoice: bool,
    supports_credit_note: bool,
    invoice_number_assignment: &'static str,
    credit_note_number_assignment: &'static str,
}

impl Shown {
    /// A printer at this URI; `terminal` tells whether its cards go through a terminal.
    pub(super) fn of(uri: String, info: &DeviceInfo, terminal: bool) -> Self {
        let can = &info.capabilities;
        let modifiers = can.subtotal_modifiers;
        Self {
            uri,
            serial_number: info.serial.clone(),
            fiscal_memory_serial_number: info.fiscal_memory.clone(),
            company: info.manufacturer,
            manufacturer: info.manufacturer,
            model: info.model.clone(),
            firmware_version: info.firmware.clone(),
            item_text_max_length: can.item_text,
            comment_text_max_length: can.comment_text,
            operator_password_max_length: can.operator_password,
            tax_identification_number: info.tax_number.clone(),
            supported_payment_types: can.payments.iter().map(|kind| kind.name()).collect(),
            supports_sub_total_amount_modifiers: modifiers != SubtotalModifiers::Unsupported,
            sub_total_amount_modifiers_require_tax_group: modifiers
                == SubtotalModifiers::OneTaxGroup,
            support_payment_terminal: can.terminal,
            use_payment_terminal: can.terminal && terminal,
            supports_invoice: false,
            supports_credit_note: false,
            invoice_number_assignment: "device-assigned",
            credit_note_number_assignment: "device-assigned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::facts::{PrintClock, PrintEnd, PrintRaw, PrintReceipt};
    use serde_json::{Value, json};

    fn message(level: PrintLevel, code: Option<&str>, text: &str) -> PrintMessage {
        PrintMessage {
            code: code.map(str::to_owned),
            level,
            original: None,
            text: text.to_owned(),
        }
    }

    fn shown(job: &PrintJob, end: &Fact) -> Value {
        serde_json::to_value(Answer::ended(job, end)).unwrap()
    }

    fn receipt() -> PrintJob {
        PrintJob::Receipt(PrintReceipt::default())
    }

    fn done() -> PrintDone {
        PrintDone {
            amount: Money::new(3000).ok(),
            fiscal_memory: Some("02279013".to_owned()),
            number: Some("85".to_owned()),
            time: Some("2026-05-01T12:00:00".to_owned()),
            ..PrintDone::default()
        }
    }

    #[test]
    fn a_printed_receipt_is_answered_as_documented() {
        let messages = vec![
            message(PrintLevel::Warning, Some("W301"), "Low paper"),
            message(PrintLevel::Info, None, "FM is formatted"),
        ];
        let end = Fact::Printed(PrintDone { messages, ..done() });
        let text = serde_json::to_string(&Answer::ended(&receipt(), &end)).unwrap();
        let expected = concat!(
            r#"{"receiptNumber":"0000085","receiptDateTime":"2026-05-01T12:00:00","receiptAmount":30,"#,
            r#""fiscalMemorySerialNumber":"02279013","ok":true,"messages":["#,
            r#"{"type":"warning","code":"W301","text":"Low paper"},{"type":"info","text":"FM is formatted"}]}"#,
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_failed_receipt_says_why_and_nothing_else() {
        let end = PrintEnd {
            messages: vec![message(PrintLevel::Error, Some("E301"), "Out of paper")],
            task: "t".to_owned(),
        };
        let expected = json!({"ok": false, "messages": [
            {"type": "error", "code": "E301", "text": "Out of paper"}
        ]});
        assert_eq!(shown(&receipt(), &Fact::PrintFailed(end)), expected);
    }

    #[test]
    fn what_nobody_knows_is_said_and_never_ok() {
        let end = |messages| PrintEnd {
            messages,
            task: "t".to_owned(),
        };
        let why = || vec![message(PrintLevel::Info, None, "The node stopped")];
        let unknown = shown(&receipt(), &Fact::PrintUnknown(end(why())));
        assert_eq!(unknown["ok"], false);
        assert_eq!(unknown["messages"][0]["code"], "E999");
        assert_eq!(unknown["messages"][0]["text"], UNKNOWN);
        let failed = shown(&receipt(), &Fact::PrintFailed(end(why())));
        assert_eq!(failed["ok"], false);
    }

    #[test]
    fn each_task_brings_what_belongs_to_it() {
        let end = Fact::Printed(PrintDone {
            response: Some("\u{44f}".to_owned()),
            ..done()
        });
        for (job, expected) in [
            (PrintJob::Cash, json!({"amount": 30})),
            (
                PrintJob::Reset,
                json!({"deviceDateTime": "2026-05-01T12:00:00"}),
            ),
            (
                PrintJob::Raw(PrintRaw {
                    command: "J".to_owned(),
                }),
                json!({"rawResponse": "\u{44f}"}),
            ),
            (PrintJob::Zreport, json!({})),
        ] {
            let mut expected = expected;
            expected["ok"] = true.into();
            expected["messages"] = json!([]);
            assert_eq!(shown(&job, &end), expected);
        }
    }

    #[test]
    fn amounts_are_short() {
        for (units, text) in [(0, "0"), (3000, "30"), (1234, "12.34"), (-50, "-0.5")] {
            assert_eq!(number(Money::new(units).unwrap()).to_string(), text);
        }
        let largest = number(Money::new(9_999_999_999).unwrap());
        assert_eq!(largest.to_string(), "99999999.99");
    }

    #[test]
    fn done_is_done_whatever_the_device_complains_of() {
        let messages = vec![message(PrintLevel::Error, Some("E301"), "Out of paper")];
        let end = Fact::Printed(PrintDone { messages, ..done() });
        for job in [
            receipt(),
            PrintJob::Cash,
            PrintJob::Duplicate,
            PrintJob::Zreport,
        ] {
            let answer = Answer::ended(&job, &end).after(&[Message::warning("W401", "old")]);
            let shown = serde_json::to_value(answer).unwrap();
            assert_eq!(shown["ok"], true, "{job:?}");
            assert_eq!(shown["messages"][0]["code"], "W401", "{job:?}");
            assert_eq!(shown["messages"][1]["type"], "warning", "{job:?}");
        }
    }

    #[test]
    fn what_a_device_refused_is_not_done() {
        let messages = vec![message(PrintLevel::Error, Some("E402"), "Invalid command")];
        let end = Fact::Printed(PrintDone { messages, ..done() });
        let command = "J".to_owned();
        for job in [
            PrintJob::Raw(PrintRaw { command }),
            PrintJob::Reset,
            PrintJob::Datetime(PrintClock { time: None }),
        ] {
            let shown = shown(&job, &end);
            assert_eq!(shown["ok"], false, "{job:?}");
            assert_eq!(shown["messages"][0]["type"], "error", "{job:?}");
        }
    }
}
