//! Tasks: waited for or not, done once, remembered.

use super::stand::{Stand, codes, documented, nowhere};
use crate::support::eventually;
use daybook::simulator::{Act, Gate};
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};

const RECEIPT: &str = "/printers/bg.dt.p.isl/receipt";

async fn info(stand: &Stand, task: &str) -> Value {
    stand.get(&format!("/printers/taskinfo?id={task}")).await
}

/// What a finished task brought.
async fn finished(stand: &Stand, task: &str) -> Value {
    eventually("the task is finished", async || {
        info(stand, task).await["taskStatus"] == "finished"
    })
    .await;
    info(stand, task).await["result"].clone()
}

#[tokio::test]
async fn a_task_is_done_once_and_never_forgotten() {
    let stand = Stand::open().await;
    let path = format!("{RECEIPT}?taskId=order-1");
    let answer = stand.post(&path, &documented()).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let shown = info(&stand, "order-1").await;
    assert_eq!(shown, json!({"taskStatus": "finished", "result": answer}));
    // The same again, another body, another action: the id is used.
    for (path, body) in [
        (path.as_str(), documented()),
        (path.as_str(), json!({"items": []})),
        ("/printers/bg.dt.p.isl/zreport?taskId=order-1", Value::Null),
    ] {
        let refused = stand.post(path, &body).await;
        let expected = json!({"ok": false, "messages": [{
            "type": "error", "code": "E109", "text": "Task Id \"order-1\" is already used"
        }]});
        assert_eq!(refused, expected, "{path}");
    }
    assert_eq!(stand.device(Driver::DatecsP).documents().len(), 1);
    // Another process remembers.
    let stand = stand.restart().await;
    assert_eq!(info(&stand, "order-1").await, shown);
    let refused = stand.post(&path, &documented()).await;
    assert_eq!(codes(&refused), ["E109"]);
    assert_eq!(stand.device(Driver::DatecsP).documents().len(), 1);
}

#[tokio::test]
async fn a_task_that_failed_keeps_its_id() {
    let stand = Stand::open().await;
    let device = stand.device(Driver::DatecsP);
    device.device(|device| device.set_paper(false));
    let path = format!("{RECEIPT}?taskId=order-1");
    let answer = stand.post(&path, &documented()).await;
    assert_eq!(answer["ok"], false);
    assert!(codes(&answer).contains(&"E301"), "{answer}");
    assert_eq!(info(&stand, "order-1").await["result"], answer);
    device.device(|device| device.set_paper(true));
    assert_eq!(codes(&stand.post(&path, &documented()).await), ["E109"]);
    let again = format!("{RECEIPT}?taskId=order-2");
    assert_eq!(stand.post(&again, &documented()).await["ok"], true);
}

#[tokio::test]
async fn nobody_has_to_wait() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    let device = stand.device(Driver::DatecsP);
    let gate = Gate::new();
    device.script(device.carried(), Act::Pause(gate.clone()));
    let path = format!("{RECEIPT}?asyncTimeout=0&taskId=first");
    assert_eq!(
        stand.post(&path, &documented()).await,
        json!({"taskId": "first"})
    );
    gate.reached().await;
    // Time that runs out ends the waiting, not the printing. Ids are drawn for those who name none.
    let path = format!("{RECEIPT}?asyncTimeout=50");
    let second = stand.post(&path, &documented()).await;
    let second = second["taskId"].as_str().unwrap().to_owned();
    assert_eq!(second.len(), 22);
    for task in ["first", second.as_str()] {
        let shown = info(&stand, task).await;
        let waits = ["enqueued", "running"].contains(&shown["taskStatus"].as_str().unwrap());
        assert!(waits && shown["result"] == json!({}), "{shown}");
    }
    gate.open();
    assert_eq!(finished(&stand, "first").await["receiptAmount"], 30);
    assert_eq!(finished(&stand, &second).await["ok"], true);
    // In the order of arrival.
    let numbers: Vec<_> = device.documents().iter().map(|one| one.number).collect();
    assert!(numbers.len() == 2 && numbers[0] < numbers[1], "{numbers:?}");
}

#[tokio::test]
async fn unknown_tasks_are_unknown() {
    let stand = Stand::open().await;
    for path in [
        "/printers/taskinfo",
        "/printers/taskinfo?id=",
        "/printers/taskinfo?id=never",
    ] {
        let expected = json!({"taskStatus": "unknown", "result": {}});
        assert_eq!(stand.get(path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn ids_have_a_form() {
    let stand = Stand::open().await;
    for (id, text) in [
        ("x".repeat(61), "Task Id is too long"),
        (
            "a%09b".to_owned(),
            "Use only printable charaters for Task Id",
        ),
        (
            "daybook:sale:1".to_owned(),
            "Task Ids that begin with \"daybook:\"",
        ),
    ] {
        let answer = stand
            .post(&format!("{RECEIPT}?taskId={id}"), &documented())
            .await;
        assert_eq!(codes(&answer), ["E110"], "{id}");
        let told = answer["messages"][0]["text"].as_str().unwrap();
        assert!(told.starts_with(text), "{told}");
    }
    assert_eq!(stand.tasks().await, 0);
    let path = format!("{RECEIPT}?taskId={}", "x".repeat(60));
    assert_eq!(stand.post(&path, &documented()).await["ok"], true);
}

#[tokio::test]
async fn a_task_that_is_too_late_is_not_printed() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    let device = stand.device(Driver::DatecsP);
    let gate = Gate::new();
    device.script(device.carried(), Act::Pause(gate.clone()));
    stand
        .post(
            &format!("{RECEIPT}?asyncTimeout=0&taskId=first"),
            &documented(),
        )
        .await;
    gate.reached().await;
    let late = format!("{RECEIPT}?asyncTimeout=0&taskId=late&timeout=1ms");
    stand.post(&late, &documented()).await;
    gate.open();
    let result = finished(&stand, "late").await;
    let expected = json!({"ok": false, "messages": [{
        "type": "error", "code": "E999", "text": "User timeout occured while sending the request"
    }]});
    assert_eq!(result, expected);
    assert_eq!(finished(&stand, "first").await["ok"], true);
    assert_eq!(device.documents().len(), 1);
}

/// Many that want the same id at once: one is printed, the others are told.
#[tokio::test]
async fn of_many_with_one_id_one_is_printed() {
    let stand = Stand::open().await;
    let path = format!("{RECEIPT}?taskId=order-1");
    let body = documented();
    let asked = (0..8).map(|_| stand.post(&path, &body));
    let answers = futures_util::future::join_all(asked).await;
    let printed = answers.iter().filter(|answer| answer["ok"] == true);
    assert_eq!(printed.count(), 1, "{answers:?}");
    let used = answers.iter().filter(|answer| codes(answer) == ["E109"]);
    assert_eq!(used.count(), 7);
    assert_eq!(stand.device(Driver::DatecsP).documents().len(), 1);
}

/// The same, each with another password: the one that is printed has its own.
#[tokio::test]
async fn of_many_with_one_id_none_gets_the_password_of_another() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    for round in 0..6 {
        let path = format!("{RECEIPT}?taskId=order-{round}");
        let right = |place: usize| (place + round).is_multiple_of(2);
        let bodies = (0..8).map(|place| {
            let mut body = documented();
            body["operator"] = "1".into();
            body["operatorPassword"] = if right(place) { "0000" } else { "7391" }.into();
            body
        });
        let bodies: Vec<Value> = bodies.collect();
        let asked = bodies.iter().map(|body| stand.post(&path, body));
        let answers = futures_util::future::join_all(asked).await;
        let taken = answers.iter().enumerate();
        let taken: Vec<_> = taken.filter(|(_, it)| codes(it) != ["E109"]).collect();
        let [(place, answer)] = taken.as_slice() else {
            panic!("{answers:?}");
        };
        assert_eq!(answer["ok"], right(*place), "{answer}");
    }
}

/// Who cannot wait is not kept waiting by a device that nobody has asked yet who it is.
#[tokio::test]
async fn nobody_has_to_wait_for_a_device_that_is_not_known() {
    let stand = Stand::open().await;
    let device = stand.device(Driver::DatecsP);
    let gate = Gate::new();
    device.script(0, Act::Pause(gate.clone()));
    // What no device takes is refused at once.
    let empty = json!({"items": []});
    for path in [
        format!("{RECEIPT}?asyncTimeout=0"),
        "/printers/bg.dt.p.isl/reversalreceipt?asyncTimeout=0".to_owned(),
    ] {
        assert_eq!(codes(&stand.post(&path, &empty).await), ["E410"], "{path}");
    }
    assert_eq!((stand.tasks().await, device.carried()), (0, 0));
    // One asks and gives up, the other does not even ask.
    for (task, patience) in [("little", 100), ("none", 0)] {
        let path = format!("{RECEIPT}?asyncTimeout={patience}&taskId={task}");
        let answer = stand.post(&path, &documented()).await;
        assert_eq!(answer, json!({"taskId": task}));
    }
    gate.reached().await;
    assert!(device.documents().is_empty());
    gate.open();
    for task in ["little", "none"] {
        let result = finished(&stand, task).await;
        assert_eq!(result["receiptAmount"], 30, "{result}");
    }
    assert_eq!(device.documents().len(), 2);
}

/// What a device that nobody knew cannot do is found before it prints, by the same rules.
#[tokio::test]
async fn a_task_that_was_not_checked_is_checked_before_it_is_printed() {
    let stand = Stand::with(&[Driver::DatecsC]).await;
    let mut body = documented();
    body["payments"] = json!([{"paymentType": "damage"}]);
    let path = "/printers/bg.dt.c.isl/receipt?asyncTimeout=0";
    let answer = stand.post(&format!("{path}&taskId=unknown"), &body).await;
    assert_eq!(answer, json!({"taskId": "unknown"}));
    let late = finished(&stand, "unknown").await;
    // Now it is known.
    let early = stand.post(&format!("{path}&taskId=known"), &body).await;
    assert_eq!(codes(&early), ["E406"], "{early}");
    assert_eq!(late, early);
    assert_eq!(stand.tasks().await, 1);
    assert!(stand.device(Driver::DatecsC).documents().is_empty());
}

#[tokio::test]
async fn who_waits_is_told_that_a_printer_is_not_there() {
    let stand = Stand::open().await;
    let uri = format!("bg.dt.p.isl.tcp://{}", nowhere());
    let named = json!({"id": "Gone", "uri": uri});
    stand.post("/service/printers/configure", &named).await;
    let answer = stand.post("/printers/Gone/receipt", &documented()).await;
    assert_eq!(codes(&answer), ["E101"], "{answer}");
    assert_eq!(stand.tasks().await, 0);
    // Who does not wait learns it of the task.
    let path = "/printers/Gone/receipt?asyncTimeout=0&taskId=order-1";
    let answer = stand.post(path, &documented()).await;
    assert_eq!(answer, json!({"taskId": "order-1"}));
    assert_eq!(codes(&finished(&stand, "order-1").await), ["E101"]);
}

/// An id is free, and so is its password, until a request with it is taken.
#[tokio::test]
async fn a_task_that_was_not_taken_leaves_nothing_behind() {
    let stand = Stand::open().await;
    let path = format!("{RECEIPT}?taskId=order-1");
    let mut body = documented();
    body["operator"] = "1".into();
    body["operatorPassword"] = "7391".into();
    body["items"][1]["text"] = "long ".repeat(20_000).into();
    assert_eq!(codes(&stand.post(&path, &body).await), ["E403"]);
    assert_eq!(info(&stand, "order-1").await["taskStatus"], "unknown");
    body["operatorPassword"] = "0000".into();
    body["items"][1]["text"] = "short".into();
    let answer = stand.post(&path, &body).await;
    assert_eq!(answer["ok"], true, "{answer}");
}

/// What waits when the server dies is printed after its restart; what ran is not printed twice.
#[tokio::test]
async fn a_restart_goes_on_with_what_waits() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    let device = stand.device(Driver::DatecsP);
    let gate = Gate::new();
    // In the middle of the first receipt.
    device.script(device.carried() + 300, Act::Pause(gate.clone()));
    for task in ["first", "second"] {
        let path = format!("{RECEIPT}?asyncTimeout=0&taskId={task}");
        stand.post(&path, &documented()).await;
    }
    gate.reached().await;
    assert_eq!(info(&stand, "first").await["taskStatus"], "running");
    let stand = stand.restart_then(|| gate.open()).await;
    let first = finished(&stand, "first").await;
    let second = finished(&stand, "second").await;
    assert_eq!(second["ok"], true, "{second}");
    let paper = stand.device(Driver::DatecsP).documents();
    let receipts = paper.iter().filter(|one| one.kind == Some(Kind::Receipt));
    let told = [&first, &second]
        .iter()
        .filter(|it| it["ok"] == true)
        .count();
    assert_eq!(receipts.count(), told, "{first} {paper:?}");
}

/// The answer to what printed is lost; the device is asked, and tells.
#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for() {
    let stand = Stand::open().await;
    let device = stand.device(Driver::DatecsP);
    device.crash_after_commit();
    let answer = stand
        .post(&format!("{RECEIPT}?taskId=order-1"), &documented())
        .await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["receiptAmount"], 30);
    assert_eq!(device.documents().len(), 1);
}

/// A device falls silent while it prints: nobody knows, and nobody prints it again. When it speaks
/// again it is asked, and the task tells.
#[tokio::test]
async fn what_nobody_knows_is_said_and_learned_later() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    let device = stand.device(Driver::DatecsP);
    let before = device.carried();
    stand.post(RECEIPT, &documented()).await;
    // The device hears that the receipt is closed, and its answer breaks off.
    let whole = device.carried() - before;
    device.script(device.carried() + whole - 120, Act::Mute);
    let path = format!("{RECEIPT}?taskId=order-1&asyncTimeout=0");
    stand.post(&path, &documented()).await;
    let result = finished(&stand, "order-1").await;
    let members: Vec<&String> = result.as_object().unwrap().keys().collect();
    assert_eq!(members, ["messages", "ok"], "{result}");
    assert_eq!(result["ok"], false);
    let told = result["messages"].as_array().unwrap();
    let unknown = told
        .iter()
        .any(|one| one["code"] == "E999" && one["text"] == "Outcome of the print is unknown");
    assert!(unknown, "{result}");
    assert_eq!(codes(&stand.post(&path, &documented()).await), ["E109"]);
    device.set_mute(false);
    // Whatever happens in the log, the worker looks around.
    let message = json!({"text": "hello"}).to_string();
    let key = Some(crate::support::ADMIN_KEY);
    let path = "/ledger/festival/messages";
    stand.server.request("POST", path, key, &message).await;
    eventually("the device told", async || {
        info(&stand, "order-1").await["result"] != result
    })
    .await;
    let result = info(&stand, "order-1").await["result"].clone();
    let receipts = device.documents();
    let receipts = receipts
        .iter()
        .filter(|one| one.kind == Some(Kind::Receipt));
    let printed = receipts.count() == 2;
    assert_eq!(result["ok"], printed, "{result}");
    assert_eq!(result.get("receiptNumber").is_some(), printed);
}
