//! Brokers that are not there, topics that are not there, and settings that make no sense.

use super::forge::Topic;
use super::trade;
use crate::cli::daybook;
use crate::support::{Store, kafka};
use std::time::{Duration, Instant};

#[tokio::test]
async fn without_a_broker_commands_end_soon() {
    // Nobody listens there, or somebody who is no broker and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    for broker in ["127.0.0.1:1", &silent] {
        let begun = Instant::now();
        let (code, stdout, stderr) = daybook(&["verify", "--kafka", broker]).await;
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        let told = format!("is there a broker at {broker}? check --kafka");
        assert!(stderr.contains(&told), "{stderr}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_told_and_not_made() {
    let test = "a_topic_that_is_not_there_is_told_and_not_made";
    let Some(brokers) = kafka::broker(test) else {
        return;
    };
    let store = Store::sqlite();
    store.import_festival().await;
    let name = kafka::topic();
    for command in ["verify", "replay", "compare"] {
        let (code, _, stderr) = store
            .run(&[command, "--kafka", &brokers, "--topic", &name])
            .await;
        let told = format!("there is no topic \"{name}\" at this broker");
        assert!(
            code == 3 && stderr.contains(&told),
            "{command}: {code} {stderr}"
        );
    }
}

#[tokio::test]
async fn settings_come_from_a_file_and_variables() {
    let Some(topic) = Topic::new("settings_come_from_a_file_and_variables").await else {
        return;
    };
    topic.publish(0, &trade("festival", 3)).await;
    let run = async |file: &str, variable: Option<(&str, &str)>| {
        let (_dir, path) = Store::file("kafka.properties", file);
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.args(["verify", "--kafka", &topic.brokers]);
        command.env("DAYBOOK_KAFKA_TOPIC", &topic.name);
        command.env("DAYBOOK_KAFKA_CONFIG", &path);
        command.envs(variable);
        let output = command.output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(said).unwrap(),
        )
    };
    let good = "# of the library\nsocket.keepalive.enable=true\n";
    assert_eq!(run(good, None).await.0, 0);
    for (file, told) in [
        ("nonsense\n", "line 1 of "),
        (
            "isolation.level=read_uncommitted\n",
            "set by Daybook itself",
        ),
        ("no.such.property=1\n", "no.such.property"),
    ] {
        let (code, said) = run(file, None).await;
        assert!(code == 2 && said.contains(told), "{file}: {code} {said}");
    }
    let variable = ("DAYBOOK_KAFKA_PROPERTY_SECURITY_PROTOCOL", "nonsense");
    let (code, said) = run(good, Some(variable)).await;
    assert!(
        code == 2 && said.contains("security.protocol"),
        "{code} {said}"
    );
}
