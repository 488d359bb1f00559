//! `daybook session`: sessions at cash desks.

use super::{CliError, Desk, Output, Place, the_log};
use crate::clock;
use crate::ledger::command::random_hex;
use crate::ledger::{Action, Book, Command, CommandId, NewSession};
use crate::store::Missing;
use clap::{Args, Subcommand};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::{Session, SessionEnd};
use daybook_schema::id::{CashDeskId, SessionId, UserId};
use daybook_schema::{Actor, Currency, LogName, Money};

#[derive(Subcommand)]
pub(super) enum SessionCommand {
    /// Open a session, and print its token once: only a keyed hash of it is stored
    Open(OpenArgs),
    /// End a session, for good
    Close(CloseArgs),
    /// List sessions, without their tokens
    List(ListArgs),
}

#[derive(Args)]
pub(super) struct OpenArgs {
    /// Id of the cash desk where it is worked
    #[arg(long, value_name = "ID")]
    cash_desk: u32,

    /// Id of the user who works in it
    #[arg(long, value_name = "ID")]
    user: u32,

    /// Cash in the drawer at the start, like 150.00 [default: none]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    cash_before: Option<String>,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct CloseArgs {
    /// Id of the session, from `daybook session list`
    id: u32,

    /// Cash counted in the drawer at the end, like 312.50 [default: not counted]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    cash_after: Option<String>,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    place: Place,
}

/// An instance's book, and what amounts there are in.
struct Till {
    log: LogName,
    book: Book,
    currency: Currency,
}

pub(super) async fn run(command: SessionCommand, output: &Output) -> Result<(), CliError> {
    let place = match &command {
        SessionCommand::Open(args) => &args.place,
        SessionCommand::Close(args) => &args.place,
        SessionCommand::List(args) => &args.place,
    };
    let store = place.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), place.instance.clone()).await?;
    let desk = Desk::open(store).await?;
    let done = act(&desk, log, command, output).await;
    desk.close().await;
    done
}

async fn act(
    desk: &Desk,
    log: LogName,
    command: SessionCommand,
    output: &Output,
) -> Result<(), CliError> {
    let book = desk.book(&log).await?;
    let currency = super::currency(&log, &book)?;
    let till = Till {
        log,
        book,
        currency,
    };
    match command {
        SessionCommand::Open(args) => open(&till, &desk.installation, &args, output).await,
        SessionCommand::Close(args) => close(&till, &args, output).await,
        SessionCommand::List(_) => {
            list(&till, output);
            Ok(())
        }
    }
}

async fn open(
    till: &Till,
    installation: &[u8; 32],
    args: &OpenArgs,
    output: &Output,
) -> Result<(), CliError> {
    let cash_before = till.amount("--cash-before", args.cash_before.as_deref())?;
    let token = random_hex::<24>();
    let token_hash = secrets::session_hash(installation, &token);
    let opening = NewSession {
        cash_desk: CashDeskId(args.cash_desk),
        user: UserId(args.user),
        token_hash,
        cash_before: cash_before.unwrap_or(Money::ZERO),
    };
    till.submit(Action::OpenSession(opening)).await?;
    let views = till.book.views();
    let session = views.session.session_of(&token_hash);
    let session = session.ok_or_else(|| CliError::No("the session was not opened".to_owned()))?;
    let text = format!(
        "Session {} for {} at {}, {}. Its token is shown this once; only a hash is stored.\n{token}",
        session.id,
        user(&views, session),
        cash_desk(&views, session),
        till.log,
    );
    let mut value = till.shown(&views, session);
    value["instance"] = serde_json::json!(till.log);
    value["token"] = serde_json::json!(token);
    output.result(&text, &value);
    Ok(())
}

async fn close(till: &Till, args: &CloseArgs, output: &Output) -> Result<(), CliError> {
    let id = SessionId(args.id);
    let cash_after = till.amount("--cash-after", args.cash_after.as_deref())?;
    till.submit(Action::CloseSession(SessionEnd { cash_after, id }))
        .await?;
    let text = format!(
        "Session {id} at {} is closed. Running servers notice within a second.",
        till.log
    );
    let cash_after = cash_after.map(|cash| till.written(cash));
    output.result(
        &text,
        &serde_json::json!({ "instance": till.log, "id": id, "closed": true, "cash_after": cash_after }),
    );
    Ok(())
}

fn list(till: &Till, output: &Output) {
    let views = till.book.views();
    let mut text = format!("Sessions of {}:", till.log);
    let mut rows = Vec::new();
    for session in views.session.sessions() {
        let row = till.shown(&views, session);
        let since = match session.starts {
            Some(starts) => format!("starts {starts}"),
            None => format!("opened {}", row["opened"].as_str().unwrap_or_default()),
        };
        let end = match views.session.closed(session.id) {
            Some(closed) => {
                let cash = closed
                    .cash_after
                    .map(|cash| format!(" with {}", till.written(cash)));
                format!(", closed {}{}", closed.at, cash.unwrap_or_default())
            }
            None => match row["wants_items"].as_str() {
                Some(at) => format!(", wants items since {at}"),
                None => String::new(),
            },
        };
        text.push_str(&format!(
            "\n{:>5}  {:<30}  {:<30}  {since} with {}{end}",
            session.id.0,
            cash_desk(&views, session),
            user(&views, session),
            till.written(session.cash_before),
        ));
        rows.push(row);
    }
    output.result(
        &text,
        &serde_json::json!({ "instance": till.log, "sessions": rows }),
    );
}

impl Till {
    async fn submit(&self, action: Action) -> Result<(), CliError> {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action,
        };
        self.book.submit(command).await?;
        Ok(())
    }

    /// An amount of cash that somebody typed.
    fn amount(&self, flag: &str, text: Option<&str>) -> Result<Option<Money>, CliError> {
        let Some(text) = text else { return Ok(None) };
        let currency = self.currency;
        let refused = |why: String| {
            let example = self.written(Money::new(15_000).unwrap_or_default());
            CliError::Usage(format!(
                "{flag}: {why}; write an amount in {currency} like {example}"
            ))
        };
        let amount = currency
            .money(text)
            .map_err(|error| refused(error.to_string()))?;
        if !(Money::ZERO..=currency.largest()).contains(&amount) {
            return Err(refused(format!("\"{text}\" is out of range")));
        }
        Ok(Some(amount))
    }

    /// An amount with all decimals, as text.
    fn written(&self, amount: Money) -> String {
        let exponent = usize::try_from(self.currency.exponent()).unwrap_or_default();
        let text = self.currency.decimal(amount).to_string();
        match text.split_once('.') {
            _ if exponent == 0 => text,
            Some((whole, part)) => format!("{whole}.{part:0<exponent$}"),
            None => format!("{text}.{:0<exponent$}", ""),
        }
    }

    /// A session for machines.
    fn shown(&self, views: &Views, session: &Session) -> serde_json::Value {
        let closed = views.session.closed(session.id);
        let wants_items = views.desk.wanted(session.id, clock::system()());
        let user = views.access.user(session.user);
        let cash_after = closed.and_then(|closed| closed.cash_after);
        serde_json::json!({
            "id": session.id,
            "cash_desk": session.cash_desk,
            "user": session.user,
            "user_name": user.map(|user| &user.name),
            "opened": views.session.opened(session.id),
            "starts": session.starts,
            "closed": closed.map(|closed| closed.at),
            "wants_items": wants_items.filter(|_| closed.is_none()),
            "cash_before": self.written(session.cash_before),
            "cash_after": cash_after.map(|cash| self.written(cash)),
        })
    }
}

/// The cash desk of a session, for people. It may have been withdrawn since.
fn cash_desk(views: &Views, session: &Session) -> String {
    let id = session.cash_desk;
    match views.session.cash_desk(id) {
        Some(desk) => format!("cash desk {id} ({})", desk.name),
        None => format!("cash desk {id}"),
    }
}

/// The user of a session, for people. Users may be withdrawn, too.
fn user(views: &Views, session: &Session) -> String {
    let user = views.access.user(session.user);
    user.map_or_else(
        || format!("user {}", session.user),
        |user| user.name.clone(),
    )
}
