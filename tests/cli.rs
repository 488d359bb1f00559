//! The command line, as operators and scripts use it.

mod broken;
mod health;
mod keys;
mod sessions;
mod simulator;
mod usage;

use serde_json::Value;

/// The program without a store of its own: exit code, stdout and stderr.
pub(crate) async fn daybook(args: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"));
    let output = command.args(args).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// What a command said for machines: exactly one JSON object.
pub(crate) fn said(stdout: &str) -> Value {
    let said: Value =
        serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
    assert!(said.is_object(), "{said}");
    said
}
