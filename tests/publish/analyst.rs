//! An analyst's machine: the files of docs/kafka.md, and what they say when they are run.

use crate::support::Store;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kafka.md");

pub(super) fn page() -> String {
    std::fs::read_to_string(PAGE).unwrap()
}

/// An analyst's machine: a folder with the files of the page, and what its commands find.
pub(super) struct Analyst {
    pub(super) dir: TempDir,
    pub(super) topic: String,
    pub(super) environment: Vec<(&'static str, String)>,
}

/// What a program said.
#[derive(Debug)]
pub(super) struct Said {
    is_content: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Said {
    /// Its output, when it was content.
    pub(super) fn content(self) -> String {
        assert!(self.is_content, "{self:?}");
        self.stdout
    }

    /// The output's rows, member by member.
    pub(super) fn rows(self) -> Vec<Vec<String>> {
        let stdout = self.content();
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        stdout.lines().map(row).collect()
    }

    /// What it complained of.
    pub(super) fn complaint(self) -> String {
        assert!(!self.is_content, "{self:?}");
        self.stderr
    }
}

impl Analyst {
    /// Makes the files of the page as it says.
    pub(super) fn new(brokers: &str, topic: &str, store: Option<&Store>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let page = page();
        let line = page.lines().find(|line| line.starts_with("awk "));
        let line = line.unwrap().replace("../docs/kafka.md", PAGE);
        let mut shell = std::process::Command::new("sh");
        let made = shell.args(["-c", &line]).current_dir(dir.path()).output();
        let made = made.unwrap();
        assert!(made.status.success() && made.stderr.is_empty(), "{made:?}");
        let marks: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("```"))
            .collect();
        let names = marks.iter().filter_map(|mark| mark.split_once(" file="));
        let names: BTreeSet<String> = names.map(|(_, name)| name.to_owned()).collect();
        let files = std::fs::read_dir(dir.path()).unwrap();
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert_eq!(files.collect::<BTreeSet<String>>(), names);
        assert!(names.len() >= 10, "only {names:?} in docs/kafka.md");
        let python = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin");
        let daybook = PathBuf::from(env!("CARGO_BIN_EXE_daybook"));
        let daybook = daybook.parent().unwrap().display();
        let mut environment = vec![
            ("PATH", format!("{python}:{daybook}:/usr/bin:/bin")),
            ("DAYBOOK_KAFKA", brokers.to_owned()),
            ("DAYBOOK_KAFKA_TOPIC", topic.to_owned()),
        ];
        if let Some(Store::Sqlite(dir)) = store {
            environment.push(("DAYBOOK_DATA", dir.path().display().to_string()));
        }
        Self {
            dir,
            topic: topic.to_owned(),
            environment,
        }
    }

    pub(super) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        let environment = self.environment.iter();
        command
            .args(args)
            .envs(environment.map(|(name, value)| (name, value)))
            .current_dir(self.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(super) async fn said(mut command: Command) -> Said {
        let output = command.output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said {
            is_content: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// A script of the page, with broker and topic before its other arguments.
    pub(super) fn script(&self, name: &str, args: &[&str]) -> Command {
        let brokers = &self.environment[1].1;
        let args = [&[name, brokers, &self.topic], args].concat();
        self.command("python3", &args)
    }

    pub(super) async fn python(&self, name: &str, args: &[&str]) -> Said {
        Self::said(self.script(name, args)).await
    }

    /// The commands of the page, one after another.
    pub(super) async fn shell(&self, name: &str) -> Said {
        Self::said(self.command("bash", &["-euo", "pipefail", name])).await
    }

    /// The answer to a question in SQL about lines, without the names of its columns.
    pub(super) async fn ask(&self, lines: &[String], question: &str) -> Vec<Vec<String>> {
        let write = |name: &str, text: String| std::fs::write(self.dir.path().join(name), text);
        write("events.ndjson", lines.join("\n") + "\n").unwrap();
        write("products.ndjson", String::new()).unwrap();
        let asked = self.command("python3", &["ask.py", "events.sql", question]);
        Self::said(asked).await.rows().split_off(1)
    }
}
