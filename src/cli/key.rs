//! `daybook key`: API keys.

use super::{CliError, Desk, Output, Place, the_log};
use crate::ledger::command::random_hex;
use crate::ledger::{Action, Command, CommandId};
use crate::store::Missing;
use clap::{Args, Subcommand, ValueEnum};
use daybook_catalogue::secrets;
use daybook_schema::facts::Scope;
use daybook_schema::id::KeyId;
use daybook_schema::{Actor, LogName};

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Issue a key, and print it once: only a keyed hash of it is stored
    Issue(IssueArgs),
    /// End a key, for good
    Revoke(RevokeArgs),
    /// List keys, without their secrets
    List(ListArgs),
}

#[derive(Args)]
pub(super) struct IssueArgs {
    /// Who will hold it
    #[arg(long)]
    name: String,

    /// What it opens; repeat or separate with commas
    #[arg(long = "scope", value_delimiter = ',', default_value = "pos")]
    scopes: Vec<ScopeArg>,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct RevokeArgs {
    /// Id of the key, from `daybook key list`
    id: u32,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeArg {
    /// Messages to tills
    Admin,
    /// Reading the log
    Audit,
    /// FD1: displays and lanes
    Fd1,
    /// ConcertPOS: tills
    Pos,
    /// The print server, from other machines
    Print,
    /// QR menu events
    Qr,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Admin => Self::Admin,
            ScopeArg::Audit => Self::Audit,
            ScopeArg::Fd1 => Self::Fd1,
            ScopeArg::Pos => Self::Pos,
            ScopeArg::Print => Self::Print,
            ScopeArg::Qr => Self::Qr,
        }
    }
}

pub(super) async fn run(command: KeyCommand, output: &Output) -> Result<(), CliError> {
    let place = match &command {
        KeyCommand::Issue(args) => &args.place,
        KeyCommand::Revoke(args) => &args.place,
        KeyCommand::List(args) => &args.place,
    };
    let store = place.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), place.instance.clone()).await?;
    let desk = Desk::open(store).await?;
    let done = match command {
        KeyCommand::Issue(args) => issue(&desk, &log, args, output).await,
        KeyCommand::Revoke(args) => revoke(&desk, &log, KeyId(args.id), output).await,
        KeyCommand::List(_) => list(&desk, &log, output).await,
    };
    desk.close().await;
    done
}

async fn issue(
    desk: &Desk,
    log: &LogName,
    args: IssueArgs,
    output: &Output,
) -> Result<(), CliError> {
    let name = args.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(CliError::No(
            "--name: 1 to 200 characters, please".to_owned(),
        ));
    }
    let key = random_hex::<24>();
    let hash = secrets::key_hash(&desk.installation, &key);
    let scopes = args.scopes.into_iter().map(Scope::from).collect();
    let action = Action::IssueKey {
        name: name.clone(),
        hash,
        scopes,
    };
    let book = desk.book(log).await?;
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action,
    };
    book.submit(command).await?;
    let views = book.views();
    let issued = views.access.key_of(&hash);
    let issued = issued.ok_or_else(|| CliError::No("the key was revoked at once".to_owned()))?;
    let text = format!(
        "Key {} for {name} at {log}. It is shown this once; only a hash is stored.\n{key}",
        issued.id
    );
    let scopes = &issued.scopes;
    output.result(
        &text,
        &serde_json::json!({ "instance": log, "id": issued.id, "name": name, "scopes": scopes, "key": key }),
    );
    Ok(())
}

async fn revoke(desk: &Desk, log: &LogName, id: KeyId, output: &Output) -> Result<(), CliError> {
    let book = desk.book(log).await?;
    let action = Action::RevokeKey(id);
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action,
    };
    book.submit(command).await?;
    let text = format!("Key {id} at {log} is revoked. Running servers notice within a second.");
    output.result(
        &text,
        &serde_json::json!({ "instance": log, "id": id, "revoked": true }),
    );
    Ok(())
}

async fn list(desk: &Desk, log: &LogName, output: &Output) -> Result<(), CliError> {
    let views = desk.book(log).await?.views();
    let mut text = format!("Keys of {log}:");
    let mut rows = Vec::new();
    for state in views.access.keys() {
        let key = &state.key;
        let scopes = serde_json::to_value(&key.scopes).unwrap_or_default();
        let words = scopes
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|scope| scope.as_str());
        let words = words.collect::<Vec<_>>().join(",");
        let note = if state.revoked { "  (revoked)" } else { "" };
        text.push_str(&format!(
            "\n{:>5}  {:<30}  {words}{note}",
            key.id.0, key.name
        ));
        rows.push(serde_json::json!({
            "id": key.id, "name": key.name, "scopes": scopes, "revoked": state.revoked,
        }));
    }
    output.result(&text, &serde_json::json!({ "instance": log, "keys": rows }));
    Ok(())
}
