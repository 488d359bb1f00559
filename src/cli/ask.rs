//! `daybook ask`: one command to a running server, as a till sends it.

use super::till::Till;
use super::{CliError, Output};
use clap::Args;
use serde_json::{Map, Value, json};

/// Ask a running server one command, as a till does, and print its answer
///
/// The answer is printed as it came, on one line. Commands: getconfig, getdeposit, getlicense,
/// getstatus, listpm, listpos, listproducts, listtransactions, payitems, registerdevice, verifyauth,
/// version.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AskArgs {
    /// The command's name
    command: String,

    /// Its parameters as JSON, without the key
    #[arg(default_value = "{}")]
    parameters: String,

    /// The server and instance
    #[arg(
        long,
        value_name = "URL",
        default_value = "ws://127.0.0.1:8080/festival"
    )]
    url: String,

    /// API key with the scope "pos"; by default that of the demo
    #[arg(
        long,
        env = "DAYBOOK_KEY",
        hide_env_values = true,
        default_value = "YOUR_API_KEY"
    )]
    key: String,
}

const EXAMPLES: &str = r#"Examples, while `daybook demo` runs:
  daybook ask listproducts '{"POSID":1}'
  daybook ask payitems '{"POSID":1,"PaymentMethod":1,"Products":[{"ID":1,"Amount":5}]}'"#;

pub(super) async fn run(args: AskArgs, output: &Output) -> Result<(), CliError> {
    let mut parameters: Map<String, Value> = serde_json::from_str(&args.parameters)
        .map_err(|error| CliError::Usage(format!("the parameters are no JSON object: {error}")))?;
    parameters.insert("api_key".to_owned(), json!(args.key));
    let mut till = Till::connect(&args.url).await?;
    let answer = till
        .exchange(&args.command, &Value::Object(parameters))
        .await?;
    output.line(&answer.text);
    if answer.is_event() {
        Ok(())
    } else {
        Err(CliError::Told)
    }
}
