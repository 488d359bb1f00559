//! What a person types while the simulator runs.

use super::Output;
use crate::simulator::Simulator;
use daybook_printers::simulator::paper::Mishap;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Every command, and what it does.
const COMMANDS: [(&str, &str); 11] = [
    ("paper out", "there is no paper any more"),
    ("paper in", "a new roll"),
    ("cover open", "somebody opened the cover"),
    ("cover closed", "and closed it"),
    ("mute", "it says nothing any more, but does what it hears"),
    ("speak", "it answers again"),
    (
        "lose next answer",
        "the next command is carried out, its answer is lost",
    ),
    ("damage next answer", "the next answer has a wrong byte"),
    (
        "crash after commit",
        "the next document comes out, and the connection breaks instead of an answer",
    ),
    ("power on", "the power comes back after a power cut"),
    ("help", "this list"),
];

/// Lines from the standard input. Their end is silence: it may be /dev/null.
pub(super) fn lines() -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    // A thread of its own that nobody waits for: reading cannot be given up.
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Does what a line says, and says what became of it.
pub(super) fn obey(simulator: &Simulator, line: &str, output: &Output) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let command = words.join(" ");
    if command.is_empty() {
        return;
    }
    if command == "help" {
        return help(output);
    }
    match carry_out(simulator, &command) {
        Ok(()) => output.result(
            &format!("ok: {command}"),
            &json!({ "event": "done", "command": command }),
        ),
        Err(why) => output.result(
            &format!("{command}: {why}"),
            &json!({ "event": "refused", "command": command, "why": why }),
        ),
    }
}

fn carry_out(simulator: &Simulator, command: &str) -> Result<(), &'static str> {
    let plan = |mishap: Mishap| {
        simulator.device(|device| device.plan(device.heard(), mishap));
    };
    match command {
        "paper out" => simulator.device(|device| device.set_paper(false)),
        "paper in" => simulator.device(|device| device.set_paper(true)),
        "cover open" | "cover closed" => {
            let open = command == "cover open";
            if !simulator.device(|device| device.set_cover_open(open)) {
                return Err("this device does not tell of its cover");
            }
        }
        "mute" => simulator.set_mute(true),
        "speak" => simulator.set_mute(false),
        "lose next answer" => plan(Mishap::LoseAnswer),
        "damage next answer" => plan(Mishap::DamageAnswer),
        "crash after commit" => simulator.crash_after_commit(),
        "power on" => simulator.device(daybook_printers::simulator::paper::Simulated::switch_on),
        _ => return Err("no such command; help lists them"),
    }
    Ok(())
}

fn help(output: &Output) {
    let rows = COMMANDS.map(|(command, what)| format!("  {command:20}{what}"));
    let commands = COMMANDS.map(|(command, what)| json!({ "command": command, "what": what }));
    output.result(
        &rows.join("\n"),
        &json!({ "event": "help", "commands": commands }),
    );
}
