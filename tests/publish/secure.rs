//! Brokers that ask who is there, and that speak TLS.

use super::broker::Broker;
use super::records::lines_of;
use super::story::sell;
use crate::support::kafka::broker;
use crate::support::{Server, Store, eventually};
use std::process::Stdio;
use tempfile::TempDir;

const PASSWORD: &str = "correct-horse-battery";

/// A keystore for a broker on this machine, and its certificate for clients.
#[cfg(feature = "kafka-tls")]
fn certificate(dir: &std::path::Path) -> String {
    let keytool = |arguments: &[&str]| {
        let mut command = std::process::Command::new("keytool");
        let output = command.current_dir(dir).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let store = [
        "-keystore",
        "broker.p12",
        "-storepass",
        PASSWORD,
        "-alias",
        "broker",
    ];
    let make = [
        "-genkeypair",
        "-keyalg",
        "EC",
        "-storetype",
        "PKCS12",
        "-dname",
        "CN=broker",
        "-ext",
        "san=ip:127.0.0.1",
        "-validity",
        "2",
    ];
    keytool(&[&make[..], &store].concat());
    keytool(&[&["-exportcert", "-rfc", "-file", "broker.pem"][..], &store].concat());
    dir.join("broker.pem").display().to_string()
}

/// The settings of a broker that lets in whom it knows.
fn asks(protocol: &str) -> Vec<String> {
    let plain = format!(
        "listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_daybook=\"{PASSWORD}\";"
    );
    let scram = "listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;";
    vec![
        format!(
            "listener.security.protocol.map=CLIENTS:{protocol},SELF:PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
        "listener.name.clients.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512".to_owned(),
        "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512".to_owned(),
        plain,
        scram.to_owned(),
    ]
}

/// A node with a file of settings for its client, and its password in the environment of a file.
async fn publishes(settings: &str, broker: &Broker, store: &Store) -> (Server, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kafka.properties");
    std::fs::write(&file, settings).unwrap();
    let log = Stdio::from(std::fs::File::create(dir.path().join("log")).unwrap());
    let file = file.display().to_string();
    let flags = [
        "--kafka",
        &broker.address,
        "--kafka-topic",
        "safe.events",
        "--kafka-config",
        &file,
        "--log",
        "debug",
    ];
    (Server::start_logged(store, &flags, log).await, dir)
}

async fn all_are_there(broker: &Broker, server: &Server, settings: &str) {
    let size = server.size().await;
    eventually("the lag is gone", async || {
        super::records::lag(server).await == Some(0.0)
            && super::records::figure(server, "daybook_kafka_publishing").await == Some(1.0)
    })
    .await;
    let mut client = daybook_kafka::Settings::new(&broker.address);
    for line in settings.lines() {
        let (name, value) = line.split_once('=').unwrap();
        client.set(name, value).unwrap();
    }
    let found = lines_of(&client, "safe.events", "festival").await;
    assert_eq!(found.len() as u64, size);
    assert_eq!(found, server.lines().await);
}

#[tokio::test]
async fn a_broker_that_asks_for_a_password_gets_it() {
    if broker("a_broker_that_asks_for_a_password_gets_it").is_none() {
        return;
    }
    let asks = asks("SASL_PLAINTEXT");
    let asks: Vec<&str> = asks.iter().map(String::as_str).collect();
    let broker = Broker::start_with(&asks).await;
    let settings = format!(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=daybook\nsasl.password={PASSWORD}"
    );
    let store = Store::festival().await;
    let (server, dir) = publishes(&settings, &broker, &store).await;
    sell(&server, 2).await;
    all_are_there(&broker, &server, &settings).await;
    assert_eq!(server.stop().await, 0);
    let said = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(!said.contains(PASSWORD), "{said}");
    // A wrong one is told, and costs lag only.
    let wrong = settings.replace(PASSWORD, "wrong-horse-battery");
    let (server, dir) = publishes(&wrong, &broker, &store).await;
    sell(&server, 2).await;
    eventually("it is told", async || {
        let said = std::fs::read_to_string(dir.path().join("log")).unwrap();
        said.contains("publishing is interrupted") && said.contains("Authentication failed")
    })
    .await;
    let said = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(!said.contains("wrong-horse-battery"), "{said}");
    assert_eq!(server.stop().await, 0);
}

/// With the feature `kafka-tls`, as the image and `make test` build it.
#[cfg(feature = "kafka-tls")]
#[tokio::test]
async fn a_broker_that_speaks_tls_is_understood() {
    if broker("a_broker_that_speaks_tls_is_understood").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let certificate = certificate(dir.path());
    let mut asks = asks("SASL_SSL");
    asks.push(format!(
        "ssl.keystore.location={}/broker.p12",
        dir.path().display()
    ));
    asks.push(format!("ssl.keystore.password={PASSWORD}"));
    asks.push("ssl.keystore.type=PKCS12".to_owned());
    let asks: Vec<&str> = asks.iter().map(String::as_str).collect();
    let scram = format!("SCRAM-SHA-512=[name=daybook,password={PASSWORD}]");
    let broker = Broker::start_knowing(&asks, &scram).await;
    let settings = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.username=daybook\nsasl.password={PASSWORD}\nssl.ca.location={certificate}"
    );
    let store = Store::festival().await;
    let (server, _dir) = publishes(&settings, &broker, &store).await;
    sell(&server, 2).await;
    all_are_there(&broker, &server, &settings).await;
    assert_eq!(server.stop().await, 0);
    // One who does not know the certificate is told so, and not let through without.
    let trusting = settings
        .lines()
        .filter(|line| !line.starts_with("ssl."))
        .collect::<Vec<_>>();
    let (server, dir) = publishes(&trusting.join("\n"), &broker, &store).await;
    eventually("it is told", async || {
        let said = std::fs::read_to_string(dir.path().join("log")).unwrap();
        said.contains("certificate verify failed")
    })
    .await;
    assert_eq!(server.stop().await, 0);
}

/// What no client can be made of is told at once, and by its name.
#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let store = Store::festival().await;
    let (_dir, file) = Store::file("kafka.properties", "sasl.mechanims=PLAIN\n");
    let file = file.display().to_string();
    let flags = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kafka",
        "127.0.0.1:1",
        "--kafka-config",
        &file,
    ];
    let (code, _, said) = store.run(&flags).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("sasl.mechanims"), "{said}");
}
