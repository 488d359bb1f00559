//! What is kept of a talk has no password in it, and everything else.

use super::{Manner, blanked};
use crate::device::{Capabilities, PaymentKind, Settings, SubtotalModifiers};
use crate::dialogue::{Dialogue, Failure, Heard, Operation, Outcome, Step};
use crate::escpos::layout::Layout;
use crate::isl;
use crate::receipt::{Item, Operator, Reason, Receipt, Reversal, Sale, Transfer};
use crate::simulator::icp::IcpDevice;
use crate::simulator::isl::IslDevice;
use crate::simulator::till::Till;
use crate::simulator::wire::{Device, Wire};
use crate::simulator::zfp::ZfpDevice;
use crate::text::CodePage;
use crate::uri::Driver;
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

const DRIVERS: [Driver; 9] = [
    Driver::DatecsP,
    Driver::DatecsC,
    Driver::DatecsX,
    Driver::Daisy,
    Driver::Eltrade,
    Driver::Incotex,
    Driver::Zfp,
    Driver::ZfpV2,
    Driver::Icp,
];
const PASSWORDS: [&str; 4] = ["Zq7!k#Wv", "Жълъдъ", "7", "0000"];

/// A dialogue that remembers what it sent.
struct Overheard {
    dialogue: Box<dyn Dialogue>,
    sent: Vec<Vec<u8>>,
}

impl Dialogue for Overheard {
    fn next(&mut self, heard: Heard<'_>) -> Step {
        let step = self.dialogue.next(heard);
        if let Step::Send { bytes, .. } = &step {
            self.sent.push(bytes.clone());
        }
        step
    }
}

fn device(driver: Driver, password: &str) -> Box<dyn Device> {
    if let Some(dialect) = isl::Isl::of(driver) {
        let mut device = IslDevice::new(dialect);
        device.till.cash = 100_000;
        device.operators = vec![("1".to_owned(), password.to_owned())];
        return Box::new(device);
    }
    if driver == Driver::Icp {
        let mut device = IcpDevice::new(Till::new("IS000001", "50000001"));
        device.till.cash = 100_000;
        return Box::new(device);
    }
    let mut device = ZfpDevice::new(Till::new("ZK126720", "50163145"));
    device.till.cash = 100_000;
    password.clone_into(&mut device.till.password);
    device.tcp_password = Some("Sesame 1".to_owned());
    Box::new(device)
}

fn operations(password: &str) -> Vec<Operation> {
    let operator = Operator {
        id: Some("1".to_owned()),
        password: Some(password.to_owned()),
    };
    let receipt = Receipt {
        unique_sale_number: String::new(),
        operator: operator.clone(),
        items: vec![Item::Sale(Sale {
            text: "Milk".to_owned(),
            quantity: Quantity::PIECE,
            unit_price: Money::new(1000).unwrap(),
            tax_group: 2,
            ..Sale::default()
        })],
        payments: Vec::new(),
    };
    let capabilities = Capabilities {
        item_text: 20,
        comment_text: 28,
        operator_password: 8,
        payments: PaymentKind::ALL.to_vec(),
        subtotal_modifiers: SubtotalModifiers::Supported,
        terminal: false,
        fiscal: true,
    };
    let settings = Settings::default();
    let checked = receipt.check(&capabilities, &settings).unwrap();
    let reversal = Reversal {
        receipt,
        number: "000085".to_owned(),
        time: date(2019, 5, 17).at(13, 55, 18, 0),
        fiscal_memory: "50163145".to_owned(),
        reason: Reason::Refund,
    };
    let (reversal, _) = reversal.check(&capabilities, &settings).unwrap();
    let transfer = Transfer::check(Money::new(500).unwrap(), operator).unwrap();
    vec![
        Operation::Receipt(Box::new(checked)),
        Operation::Reversal(Box::new(reversal)),
        Operation::Deposit(transfer.clone()),
        Operation::Withdraw(transfer),
    ]
}

/// How it ended, and everything that was sent.
fn talk(
    driver: Driver,
    operation: Operation,
    password: &str,
    seed: u8,
) -> (Result<Outcome, Failure>, Vec<Vec<u8>>) {
    let manner = Manner {
        driver,
        settings: Settings {
            tcp_password: Some("Sesame 1".to_owned()),
            ..Settings::default()
        },
        layout: Layout::default(),
    };
    let mut overheard = Overheard {
        dialogue: manner.dialogue(operation, None, seed).unwrap(),
        sent: Vec::new(),
    };
    let mut device = device(driver, password);
    let ended = Wire::healthy().hold(&mut overheard, device.as_mut());
    (ended.expect("it ends"), overheard.sent)
}

/// Drivers whose commands carry the password of an operator.
fn has_passwords(driver: Driver) -> bool {
    !matches!(driver, Driver::Eltrade | Driver::Incotex | Driver::Icp)
}

/// Where the data of a command begins.
fn head(driver: Driver) -> usize {
    if driver == Driver::DatecsX { 10 } else { 4 }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Looks at what is kept of a command; whether it was blanked.
fn is_blanked(driver: Driver, bytes: &[u8], secrets: &[Vec<u8>; 2]) -> bool {
    let kept = blanked(driver, bytes);
    assert_eq!(kept.len(), bytes.len());
    if kept == bytes {
        // Zeros stand in amounts as well.
        let mut parts = secrets.iter().flat_map(|secret| secret.windows(3));
        let found = parts.find(|part| *part != b"000" && holds(bytes, part));
        assert_eq!(found, None, "{driver:?} {bytes:02X?}");
        return false;
    }
    let network = bytes == b"Sesame 1\n";
    let from = if network { 0 } else { head(driver) };
    let to = bytes.len() - 1;
    assert_eq!(kept[..from], bytes[..from]);
    assert!(kept[from..to].iter().all(|byte| *byte == b'*'));
    assert_eq!(kept[to], bytes[to]);
    let told = secrets.iter().any(|secret| holds(bytes, secret));
    assert!(told || network, "{driver:?} {bytes:02X?}");
    !network
}

#[test]
fn no_part_of_a_password_is_kept() {
    let cases = DRIVERS
        .iter()
        .flat_map(|driver| PASSWORDS.map(|password| (*driver, password)));
    for (driver, password) in cases {
        let secrets = [CodePage::Cp1251.encode(password), password.into()];
        let mut hidden = 0;
        for operation in operations(password) {
            let (ended, sent) = talk(driver, operation, password, 3);
            // Not every device knows letters of ours in a password.
            let ended = ended.is_ok() || !password.is_ascii();
            assert!(ended, "{driver:?} {password}");
            hidden += sent
                .iter()
                .filter(|bytes| is_blanked(driver, bytes, &secrets))
                .count();
        }
        let expected = match driver {
            Driver::Zfp | Driver::ZfpV2 => 4,
            driver if has_passwords(driver) => 2,
            _ => 0,
        };
        assert_eq!(hidden, expected, "{driver:?} {password}");
    }
}

/// The same talk with another password of the same length leaves the same trace.
#[test]
fn what_is_kept_does_not_depend_on_the_password() {
    let pairs = [("7", "3"), ("Zq7!k#", "Xp2?m$"), ("Жаба", "Юфка")];
    let cases = DRIVERS
        .iter()
        .flat_map(|driver| pairs.map(|pair| (*driver, pair)));
    for (driver, (one, other)) in cases {
        let said = |password: &str| -> Vec<Vec<u8>> {
            let operations = operations(password).into_iter();
            operations
                .flat_map(|operation| talk(driver, operation, password, 3).1)
                .collect()
        };
        let (first, second) = (said(one), said(other));
        assert_eq!(first != second, has_passwords(driver), "{driver:?}");
        let kept = |said: Vec<Vec<u8>>| -> Vec<Vec<u8>> {
            said.iter().map(|bytes| blanked(driver, bytes)).collect()
        };
        assert_eq!(kept(first), kept(second), "{driver:?} {one} {other}");
    }
}

/// A talk that is recorded breaks off anywhere.
#[test]
fn a_cut_command_is_blanked_as_far_as_it_goes() {
    for driver in DRIVERS {
        let operations = operations("Zq7!k#").into_iter();
        let said = operations.flat_map(|operation| talk(driver, operation, "Zq7!k#", 9).1);
        for bytes in said {
            let whole = blanked(driver, &bytes);
            for cut in 0..bytes.len() {
                let kept = blanked(driver, &bytes[..cut]);
                assert_eq!(kept, whole[..cut], "{driver:?} {bytes:02X?} cut at {cut}");
            }
        }
    }
}

/// What an operator sends by hand may be the command that sets a password.
#[test]
fn a_command_of_an_operator_is_blanked() {
    for driver in DRIVERS.into_iter().filter(|driver| *driver != Driver::Icp) {
        let (_, sent) = talk(
            driver,
            Operation::Raw("e1,Zq7!k#,Zq7!k#".to_owned()),
            "1",
            9,
        );
        let kept: Vec<u8> = sent
            .iter()
            .flat_map(|bytes| blanked(driver, bytes))
            .collect();
        assert!(
            holds(&sent.concat(), b"Zq7!k#") && !holds(&kept, b"Zq7"),
            "{driver:?}"
        );
    }
}
