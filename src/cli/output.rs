//! What commands print: text for people, or one JSON object for machines.

use super::CliError;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

/// Where a command's answers go.
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    #[must_use]
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether machines read this.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a command's result: `text` for people, `value` for machines.
    pub fn result(&self, text: &str, value: &impl Serialize) {
        if self.json {
            self.line(&serde_json::to_string(value).unwrap_or_default());
        } else {
            self.line(text);
        }
    }

    /// Prints text for people; machines do not see it.
    pub fn say(&self, text: &str) {
        if !self.json {
            self.line(text);
        }
    }

    /// Prints a line as it is.
    pub fn line(&self, text: &str) {
        // A reader that has gone (a closed pipe) is no failure of ours.
        writeln!(std::io::stdout().lock(), "{text}").ok();
    }

    /// A progress bar on a terminal; nothing elsewhere.
    #[must_use]
    pub fn progress(&self, length: u64, what: &'static str) -> ProgressBar {
        if self.json {
            return ProgressBar::hidden();
        }
        let style = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
        let style = ProgressStyle::with_template(style);
        ProgressBar::new(length)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(what)
    }

    /// Prints why a command failed, and returns its exit code.
    #[must_use]
    pub fn fail(&self, error: &CliError) -> ExitCode {
        let code = match error {
            CliError::No(_) | CliError::Told => 1,
            CliError::Usage(_) => 2,
            CliError::Outside(_) => 3,
        };
        if matches!(error, CliError::Told) {
            return ExitCode::from(code);
        }
        if self.json {
            let body = serde_json::json!({ "error": error.to_string(), "exit": code });
            self.line(&body.to_string());
        } else {
            writeln!(std::io::stderr().lock(), "daybook: {error}").ok();
        }
        ExitCode::from(code)
    }
}
