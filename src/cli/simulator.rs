//! `daybook printer-simulator`: a printer that is not there.

mod typed;

use super::serve::stop_on_signal;
use super::{CliError, Output};
use crate::clock;
use crate::simulator::journal::Journal;
use crate::simulator::svg::Album;
use crate::simulator::{Act, Simulator};
use crate::zone::local;
use clap::Args;
use daybook_printers::simulator::paper::{Mishap, Simulated};
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::uri::{Driver, Transport, Uri, UriError};
use jiff::tz::TimeZone;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Simulate a fiscal or receipt printer
///
/// It listens where the URI says and speaks what the URI says: over TCP, or over a pseudoterminal
/// that looks like a serial port and stands at the path of the URI. Whatever prints on it sees a real
/// device: one client at a time, commands refused in the wrong order, a number for each document.
/// Documents come out as text, with --image as pictures too. Nothing it prints is fiscal.
///
/// While it runs, type what a person would do to the device: "paper out", "cover open"; `help` lists
/// it all. Ctrl-C or SIGTERM ends it; the end of the input does not.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SimulatorArgs {
    /// What it speaks and where: `driver.tcp://ADDRESS:PORT` (port 0 takes a free one) or
    /// `driver.com://PATH`. Drivers: bg.dt.p.isl, bg.dt.c.isl, bg.dt.x.isl, bg.ed.isl, bg.dy.isl,
    /// bg.in.isl, bg.is.icp, bg.zk.zfp, bg.zk.v2.zfp, escpos
    #[arg(value_parser = place)]
    uri: Place,

    /// Draw each document as NNNN-kind.svg in this folder
    #[arg(long, value_name = "DIR")]
    image: Option<PathBuf>,

    /// Add a line for each document to this file: number,kind,amount,sale,time. Numbers go on behind
    /// the last one in it
    #[arg(long, value_name = "FILE.csv")]
    journal: Option<PathBuf>,

    /// The number on the device's plate, for several of one kind: two letters, six digits
    #[arg(long, value_name = "SERIAL")]
    serial: Option<String>,

    /// Let something go wrong with the Nth command, counted from 1; repeatable. WHAT: deaf,
    /// lose-answer, damage-answer, nak, busy, late-answer, power-cut, paper-out
    #[arg(long = "fault", value_name = "WHAT@N", value_parser = fault)]
    faults: Vec<(Mishap, usize)>,

    /// Let something happen to the wire after N bytes, both directions together; repeatable. WHAT:
    /// close, mute, corrupt
    #[arg(long = "wire", value_name = "WHAT@N", value_parser = wire)]
    wires: Vec<(Wire, u64)>,
}

const EXAMPLES: &str = "\
Examples:
  daybook printer-simulator bg.dt.p.isl.tcp://127.0.0.1:9100
  daybook printer-simulator bg.zk.zfp.com:///tmp/ttyFP --image paper --journal paper.csv
  daybook printer-simulator escpos.tcp://127.0.0.1:0 --fault lose-answer@3 --wire close@200";

/// Where the simulator is to be found.
#[derive(Clone, Debug)]
struct Place {
    driver: Driver,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Tcp(SocketAddr),
    Line(PathBuf),
}

/// What can happen to a wire from the command line.
#[derive(Clone, Copy, Debug)]
enum Wire {
    Close,
    Mute,
    Corrupt,
}

/// A URI that can be listened on.
fn place(text: &str) -> Result<Place, String> {
    // A client's URI has no port 0; here it takes a free one.
    let (written, free) = match text.strip_suffix(":0").filter(|_| text.contains(".tcp://")) {
        Some(host) => (format!("{host}:1"), true),
        None => (text.to_owned(), false),
    };
    let uri: Uri = written
        .parse()
        .map_err(|error: UriError| error.to_string())?;
    let way = match uri.transport {
        Transport::Tcp { host, port } => {
            let ip = match host.as_str() {
                "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                host => host.parse(),
            };
            let ip = ip.map_err(|_| {
                format!(
                    "\"{host}\" is no address of this machine: write 127.0.0.1, or 0.0.0.0 for all"
                )
            })?;
            Way::Tcp(SocketAddr::new(ip, if free { 0 } else { port }))
        }
        Transport::Com { port, .. } => Way::Line(PathBuf::from(port)),
        Transport::Capture { .. } => {
            return Err("a capture is a file: there is no device to simulate".to_owned());
        }
    };
    let driver = uri.driver;
    Ok(Place { driver, way })
}

fn fault(text: &str) -> Result<(Mishap, usize), String> {
    let (what, at) = text.split_once('@').ok_or("write it like lose-answer@3")?;
    let mishap = Mishap::of_name(what).ok_or_else(|| {
        let names = Mishap::ALL.map(Mishap::name).join(", ");
        format!("\"{what}\" is none of: {names}")
    })?;
    let at = at.parse().ok().filter(|at| *at > 0);
    let at: usize = at.ok_or("commands are counted from 1")?;
    Ok((mishap, at - 1))
}

fn wire(text: &str) -> Result<(Wire, u64), String> {
    let (what, at) = text.split_once('@').ok_or("write it like close@200")?;
    let wire = match what {
        "close" => Wire::Close,
        "mute" => Wire::Mute,
        "corrupt" => Wire::Corrupt,
        _ => return Err(format!("\"{what}\" is none of: close, mute, corrupt")),
    };
    let at = at.parse().map_err(|_| "after @ comes a count of bytes")?;
    Ok((wire, at))
}

pub(super) async fn run(args: SimulatorArgs, output: &Output) -> Result<(), CliError> {
    let mut press = Press::open(&args)?;
    let device = device(&args, press.last_number())?;
    let (mut simulator, mut sheets) = Simulator::new(device);
    simulator.start_clock(local(clock::now(), &TimeZone::UTC).datetime());
    for (wire, at) in &args.wires {
        let act = match wire {
            Wire::Close => Act::Close,
            Wire::Mute => Act::Mute,
            Wire::Corrupt => Act::Corrupt,
        };
        simulator.script(*at, act);
    }
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let uri = listen(&mut simulator, &args.uri)?;
    announce(&simulator, &uri, output);
    let mut lines = typed::lines();
    loop {
        tokio::select! {
            Some(sheet) = sheets.recv() => press.print(&sheet, output)?,
            Some(line) = lines.recv() => typed::obey(&simulator, &line, output),
            () = stop.cancelled() => break,
        }
    }
    // What was answered is on paper, whatever is still on its way to the file.
    drop(simulator);
    while let Some(sheet) = sheets.recv().await {
        press.print(&sheet, output)?;
    }
    Ok(())
}

fn device(args: &SimulatorArgs, last: u32) -> Result<Simulated, CliError> {
    let mut device = Simulated::new(args.uri.driver);
    if let Some(serial) = &args.serial
        && !device.set_serial(serial)
    {
        let why = format!("--serial {serial}: two capital letters and six digits; escpos has none");
        return Err(CliError::Usage(why));
    }
    if let Some(till) = device.till_mut() {
        till.number = till.number.max(last);
    }
    for (mishap, at) in &args.faults {
        if !device.plan(*at, *mishap) {
            let why = format!(
                "--fault {}: this cannot happen to this device",
                mishap.name()
            );
            return Err(CliError::Usage(why));
        }
    }
    Ok(device)
}

/// Begins to listen; returns the URI to reach it.
fn listen(simulator: &mut Simulator, place: &Place) -> Result<Uri, CliError> {
    let failed = |what: String| {
        move |error: std::io::Error| CliError::Outside(format!("cannot listen on {what}: {error}"))
    };
    let driver = place.driver;
    let transport = match &place.way {
        Way::Tcp(address) => {
            let listener = TcpListener::bind(address);
            let bound = listener.and_then(|listener| simulator.serve_tcp(listener));
            let bound = bound.map_err(failed(address.to_string()))?;
            Transport::Tcp {
                host: bound.ip().to_string(),
                port: bound.port(),
            }
        }
        Way::Line(path) => {
            let served = simulator.serve_pty(path);
            served.map_err(failed(path.display().to_string()))?;
            Transport::Com {
                port: path.display().to_string(),
                baud: daybook_printers::uri::DEFAULT_BAUD,
            }
        }
    };
    Ok(Uri { driver, transport })
}

fn announce(simulator: &Simulator, uri: &Uri, output: &Output) {
    let (model, serial) =
        simulator.device(|device| (device.model().to_owned(), device.serial().to_owned()));
    // Scripts wait for this line to learn the port.
    let text = format!("listening {uri} ({model} {serial})").replace(" )", ")");
    let value =
        json!({ "event": "listening", "uri": uri.to_string(), "model": model, "serial": serial });
    output.result(&text, &value);
}

/// Where paper goes.
struct Press {
    album: Option<Album>,
    journal: Option<Journal>,
}

impl Press {
    fn open(args: &SimulatorArgs) -> Result<Self, CliError> {
        let album = args
            .image
            .as_deref()
            .map(|path| opened(path, Album::open(path)));
        let journal = args
            .journal
            .as_deref()
            .map(|path| opened(path, Journal::open(path)));
        Ok(Self {
            album: album.transpose()?,
            journal: journal.transpose()?,
        })
    }

    fn last_number(&self) -> u32 {
        self.journal.as_ref().map_or(0, Journal::last_number)
    }

    /// The files first: whoever sees the text finds them.
    fn print(&mut self, sheet: &Sheet, output: &Output) -> Result<(), CliError> {
        let failed = |error: std::io::Error| CliError::Outside(format!("no document: {error}"));
        let image = self.album.as_mut().map(|album| album.add(sheet));
        let image = image.transpose().map_err(failed)?;
        if let Some(journal) = &mut self.journal {
            journal.add(sheet).map_err(failed)?;
        }
        let text = format!("\n{}\n", sheet.text.join("\n"));
        let value = json!({ "event": "document", "kind": sheet.name(), "number": sheet.number,
            "amount": sheet.amount(), "sale": sheet.sale, "time": sheet.time.to_string(),
            "text": sheet.text, "image": image });
        output.result(&text, &value);
        Ok(())
    }
}

fn opened<T>(path: &Path, file: std::io::Result<T>) -> Result<T, CliError> {
    file.map_err(|error| CliError::Outside(format!("{}: {error}", path.display())))
}
