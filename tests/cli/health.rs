//! `daybook health`: what health checks of containers ask, and the exit codes that they read.

use super::{daybook, said};
use crate::support::{Server, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that gives every connection the same answer; with none it only listens.
async fn pretender(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let Some(body) = answer else {
                silent.push(stream);
                continue;
            };
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn a_server_that_takes_events_is_healthy() {
    let store = Store::festival().await;
    let server = Server::start_with(&store, &["--node", "exon"]).await;
    let address = server.address.to_string();
    let url = format!("http://{address}/");
    for address in [&address, &url] {
        let (code, stdout, stderr) = daybook(&["health", "--address", address]).await;
        assert_eq!((code, stderr.as_str()), (0, ""), "{address}");
        assert_eq!(stdout, "exon is ready: 1 ready, 0 failing, 0 broken\n");
    }
    let (code, stdout, _) = daybook(&["--json", "health", "--address", &address]).await;
    let health = said(&stdout);
    assert_eq!((code, &health["status"]), (0, &"ready".into()));
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
}

/// In a container one variable tells the server where to listen and the check where to ask.
#[tokio::test]
async fn it_asks_where_the_server_is_told_to_listen() {
    let store = Store::sqlite();
    let server = Server::start(&store).await;
    let listen = format!("0.0.0.0:{},127.0.0.1:1", server.address.port());
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"))
        .arg("health")
        .env("DAYBOOK_LISTEN", listen)
        .output();
    assert!(output.await.unwrap().status.success());
}

#[tokio::test]
async fn a_server_that_does_not_take_all_events_is_exit_code_1() {
    const DEGRADED: &str = r#"{"status":"degraded","version":"0.1.0","node":"zeus","counts":{"broken":0,"failing":1,"ready":2},"instances":{}}"#;
    let address = pretender(Some(DEGRADED)).await;
    let (code, stdout, stderr) = daybook(&["health", "--address", &address]).await;
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert_eq!(stdout, "zeus is degraded: 2 ready, 1 failing, 0 broken\n");
    let (code, stdout, _) = daybook(&["--json", "health", "--address", &address]).await;
    assert_eq!((code, stdout.trim_end()), (1, DEGRADED));
}

#[tokio::test]
async fn a_server_of_another_kind_is_exit_code_1() {
    for answer in ["", "OK", "{}", r#"{"status":"ready"}"#] {
        let address = pretender(Some(answer)).await;
        let (code, stdout, stderr) = daybook(&["health", "--address", &address]).await;
        assert_eq!((code, stdout.as_str()), (1, ""), "{answer}");
        assert!(stderr.contains("not as a Daybook server does"), "{stderr}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_exit_code_3() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let silent = pretender(None).await;
    for address in [address, silent] {
        let (code, stdout, _) = daybook(&["--json", "health", "--address", &address]).await;
        let failed = said(&stdout);
        assert_eq!((code, &failed["exit"]), (3, &3.into()), "{failed}");
        let error = failed["error"].as_str().unwrap();
        assert!(
            error.starts_with(&format!("{address} does not answer: ")),
            "{error}"
        );
    }
}
