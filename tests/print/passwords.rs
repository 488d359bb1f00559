//! Operators' passwords are told to devices and to nobody else.

use super::bench::example;
use super::shop::{DESK, Node, Shop, WINE, fiscal};
use daybook_printers::simulator::paper::Machine;
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use daybook_schema::EventLog;
use daybook_schema::facts::{PrintJob, PrintReceipt};

/// Letters that no hash has, nor its bytes in capitals.
const PASSWORD: &str = "7Gk1";
const WRONG: &str = "9Kz6";

/// A till that asks operator 1 for that password, if its kind asks at all.
fn guarded(driver: Driver) -> Shop {
    let shop = Shop::new(driver);
    shop.device(DESK, |device| match &mut device.machine {
        Machine::Isl(device) if !device.operators.is_empty() => {
            device.operators = vec![("1".to_owned(), PASSWORD.to_owned())];
        }
        Machine::Zfp(device) => PASSWORD.clone_into(&mut device.till.password),
        _ => {}
    });
    shop
}

/// Everything that stands in the log. Whatever a device was told of a password: there it is nowhere,
/// neither as it is nor in frames.
async fn events_without_passwords(shop: &Shop, node: &Node) -> String {
    let lines = shop.log.read(&node.book.log, 0, 10_000).await.unwrap();
    let text = lines
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap());
    let text: String = text.collect();
    for password in [PASSWORD, WRONG] {
        let hex: String = password.bytes().map(|byte| format!("{byte:02X}")).collect();
        for secret in [password, &hex] {
            assert!(!text.contains(secret), "{:?}: {secret}", shop.driver);
        }
    }
    text
}

#[test]
fn an_operators_password_is_in_no_event() {
    let mut blanked = 0;
    for driver in fiscal() {
        let shop = guarded(driver);
        shop.live(async |node| {
            for (task, password) in [
                ("right", Some(PASSWORD)),
                ("wrong", Some(WRONG)),
                ("lost", None),
            ] {
                if let Some(password) = password {
                    let log = &node.book.log;
                    let kept = node.printers.keep_password(log, task, password.to_owned());
                    assert!(kept, "{task}");
                }
                let receipt = PrintReceipt {
                    operator: Some("1".to_owned()),
                    secret: true,
                    unique_sale_number: None,
                    ..example()
                };
                node.request(task, PrintJob::Receipt(receipt)).await;
                node.ended(task).await;
            }
            let text = events_without_passwords(&shop, &node).await;
            assert_eq!(node.ended("right").await, Ending::Printed, "{driver:?}");
            // Where passwords are asked for, they stand in frames as so many stars.
            let asked = node.ended("wrong").await == Ending::Failed;
            assert_eq!(text.contains("2A2A2A2A"), asked, "{driver:?}");
            blanked += u32::from(asked);
            // A password is not kept longer than its node lives, and nothing is printed without it.
            let words = node.words("lost").await;
            assert!(words.starts_with("E408 "), "{words}");
        });
    }
    assert_eq!(blanked, 6);
}

#[test]
fn a_password_of_the_settings_is_in_no_event_either() {
    for driver in fiscal() {
        let setup = format!("operator = \"1\"\npassword = \"{PASSWORD}\"");
        let shop = guarded(driver).set_up(&setup);
        shop.live(async |node| {
            let sale = node.sell(&[WINE]).await;
            let back = node.reverse(1).await;
            node.all_ended(&[sale, back], Ending::Printed).await;
            events_without_passwords(&shop, &node).await;
        });
    }
}
