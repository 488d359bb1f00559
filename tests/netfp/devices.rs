//! Every device prints the receipt of the documentation, and takes it back.

use super::stand::{Stand, documented, fiscal};
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};

fn is_local_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == 19 && text.parse::<jiff::civil::DateTime>().is_ok()
}

#[tokio::test]
async fn the_documented_receipt_comes_out_of_every_device() {
    let stand = Stand::with(&Driver::ALL).await;
    for driver in Driver::ALL {
        let answer = stand.act(driver, "receipt", &documented()).await;
        let name = driver.name();
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        assert_eq!(answer["receiptAmount"].to_string(), "30", "{name}");
        assert!(
            is_local_time(&answer["receiptDateTime"]),
            "{name}: {answer}"
        );
        assert!(answer["messages"].is_array(), "{name}");
        let number = answer["receiptNumber"].as_str().unwrap();
        assert!(number.len() >= 7, "{name}: {number}");
        let paper = stand.device(driver).documents();
        let [sheet] = paper.as_slice() else {
            panic!("{name}: {paper:?}");
        };
        let text = sheet.text.join("\n");
        assert!(text.contains("Cheese") && text.contains("Milk"), "{text}");
        let memory = stand.device(driver).device(|device| {
            let till = device.till();
            till.map(|till| till.fiscal_memory.clone())
        });
        let memory = memory.unwrap_or_default();
        assert_eq!(answer["fiscalMemorySerialNumber"], memory, "{name}");
        if driver == Driver::EscPos {
            assert!(text.contains("30.00"), "{text}");
            continue;
        }
        assert_eq!(sheet.kind, Some(Kind::Receipt), "{name}");
        assert_eq!(sheet.amount().as_deref(), Some("30.00"), "{name}");
        assert_eq!(sheet.sale, "DT279013-DD01-0000001", "{name}");
    }
}

#[tokio::test]
async fn every_device_takes_a_receipt_back() {
    let stand = Stand::with(&Driver::ALL).await;
    for driver in Driver::ALL {
        let name = driver.name();
        let printed = stand.act(driver, "receipt", &documented()).await;
        let mut body = documented();
        body["receiptNumber"] = printed["receiptNumber"].clone();
        body["receiptDateTime"] = printed["receiptDateTime"].clone();
        body["fiscalMemorySerialNumber"] = match printed["fiscalMemorySerialNumber"].as_str() {
            Some("") => "1".into(),
            _ => printed["fiscalMemorySerialNumber"].clone(),
        };
        body["reason"] = "refund".into();
        let answer = stand.act(driver, "reversalreceipt", &body).await;
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        assert_eq!(answer["receiptAmount"].to_string(), "30", "{name}");
        // The payments of the documentation are ignored, and that is said.
        let told = answer["messages"].as_array().unwrap();
        assert!(told.iter().any(|one| one["code"] == "W302"), "{answer}");
        let paper = stand.device(driver).documents();
        assert_eq!(paper.len(), 2, "{name}: {paper:?}");
        if driver != Driver::EscPos {
            assert_eq!(paper[1].kind, Some(Kind::Reversal), "{name}");
        }
    }
}

#[tokio::test]
async fn printers_are_listed_with_what_they_are() {
    let stand = Stand::with(&Driver::ALL).await;
    let all = stand.get("/printers").await;
    for driver in fiscal() {
        let name = driver.name();
        let shown = &all[name];
        let (serial, memory) = stand.device(driver).device(|device| {
            let till = device.till().unwrap();
            (till.serial.clone(), till.fiscal_memory.clone())
        });
        assert_eq!(shown["serialNumber"], serial, "{name}");
        assert_eq!(shown["fiscalMemorySerialNumber"], memory, "{name}");
        assert_eq!(shown["company"], shown["manufacturer"], "{name}");
        assert!(shown["uri"].as_str().unwrap().starts_with(name), "{shown}");
        assert!(shown["itemTextMaxLength"].as_u64() >= Some(20), "{shown}");
        let types = shown["supportedPaymentTypes"].as_array().unwrap();
        assert!(types.contains(&json!("cash")), "{shown}");
        assert_eq!(shown["supportsInvoice"], false, "{name}");
        assert_eq!(shown["invoiceNumberAssignment"], "device-assigned");
        // One alone, in any case, is the same.
        let path = format!("/printers/{}", name.to_uppercase());
        assert_eq!(&stand.get(&path).await, shown, "{name}");
    }
    let stamps = stand.get("/printers/escpos/").await;
    assert_eq!(stamps["manufacturer"], "ESC/POS");
    assert_eq!(stamps["operatorPasswordMaxLength"], 0);
}

#[tokio::test]
async fn every_device_says_how_it_is() {
    let stand = Stand::with(&Driver::ALL).await;
    for driver in Driver::ALL {
        let name = driver.name();
        let path = format!("/printers/{name}/status");
        let status = stand.get(&path).await;
        assert_eq!(status["ok"], true, "{name}: {status}");
        // A plain printer has no clock.
        let known = driver == Driver::EscPos || is_local_time(&status["deviceDateTime"]);
        assert!(known, "{name}: {status}");
        stand
            .device(driver)
            .device(|device| device.set_paper(false));
        let status = stand.get(&path).await;
        assert_eq!(status["ok"], false, "{name}: {status}");
        let told = status["messages"].as_array().unwrap();
        let out = told.iter().find(|one| one["code"] == "E301");
        assert_eq!(out.unwrap()["type"], "error", "{name}: {status}");
    }
}
