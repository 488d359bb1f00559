//! Every kind of device is found where it is, and nothing is printed on the way.

use super::*;
use crate::print::rig::{Growl, Shared, assert_untouched, at_speed, babble, memory, serve, shared};
use crate::print::wire::{Opener, Wire};
use daybook_printers::simulator::icp::IcpDevice;
use daybook_printers::simulator::isl::{Fault, IslDevice};
use daybook_printers::simulator::till::Till;
use daybook_printers::simulator::wire::Device;
use daybook_printers::simulator::zfp::ZfpDevice;
use serialport::{SerialPort as _, TTYPort};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn zfp(model: &str, second: bool) -> ZfpDevice {
    let mut device = ZfpDevice::new(Till::new("ZK126720", "50163145"));
    device.model = model.to_owned();
    device.second = second;
    device
}

fn icp() -> IcpDevice {
    IcpDevice::new(Till::new("IS011256", "54011256"))
}

/// What is found behind a port, and whether its till was left alone.
async fn found<D>(device: D, speed: u32, growls: &'static [u8], till: fn(&D) -> &Till) -> String
where
    D: Device + Send + 'static,
{
    let device: Shared<D> = shared(device);
    let opener = at_speed(&device, speed, growls);
    let found = probe(&opener, "/dev/ttyUSB0", PATIENCE).await;
    let device = device.lock().unwrap();
    assert_untouched(till(&device));
    found.map_or_else(String::new, |(uri, info)| {
        assert_eq!(info.serial, till(&device).serial);
        uri.to_string()
    })
}

#[tokio::test(start_paused = true)]
async fn every_isl_device_is_found_at_every_speed() {
    for (dialect, driver) in [
        (Isl::P, "bg.dt.p.isl"),
        (Isl::C, "bg.dt.c.isl"),
        (Isl::X, "bg.dt.x.isl"),
        (Isl::Daisy, "bg.dy.isl"),
        (Isl::Eltrade, "bg.ed.isl"),
        (Isl::Incotex, "bg.in.isl"),
    ] {
        for speed in RATES {
            let device = IslDevice::new(dialect);
            let found = found(device, speed, b"", |device| &device.till).await;
            let place = match speed {
                115_200 => "/dev/ttyUSB0".to_owned(),
                speed => format!("/dev/ttyUSB0:{speed}"),
            };
            assert_eq!(found, format!("{driver}.com://{place}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tremol_devices_are_found_by_their_generation() {
    for (model, second, driver) in [("M20", false, "bg.zk.zfp"), ("M V2", true, "bg.zk.v2.zfp")] {
        let found = found(zfp(model, second), 19_200, b"", |device| &device.till).await;
        assert_eq!(found, format!("{driver}.com:///dev/ttyUSB0:19200"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tremol_device_without_paper_is_found() {
    let mut device = zfp("M20", false);
    device.till.paper = false;
    let found = found(device, 115_200, b"", |device| &device.till).await;
    assert_eq!(found, "bg.zk.zfp.com:///dev/ttyUSB0");
}

#[tokio::test(start_paused = true)]
async fn a_device_of_isl_ltd_is_found_at_its_speed_only() {
    let till: fn(&IcpDevice) -> &Till = |device| &device.till;
    let at_9600 = found(icp(), 9600, b"", till).await;
    assert_eq!(at_9600, "bg.is.icp.com:///dev/ttyUSB0:9600");
    assert_eq!(found(icp(), 38_400, b"", till).await, "");
}

#[tokio::test(start_paused = true)]
async fn growling_at_the_wrong_speed_leads_nowhere() {
    for growls in [b"\x00\x80\xFE".as_slice(), b"\xF8\x15\x06", b"\x01\x30\xFF"] {
        let device = IslDevice::new(Isl::Daisy);
        let found = found(device, 57_600, growls, |device| &device.till).await;
        assert_eq!(found, "bg.dy.isl.com:///dev/ttyUSB0:57600", "{growls:X?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_wrong_speed_costs_one_knock() {
    let growl = shared(Growl(b"\x00\x16"));
    let opener = at_speed(&growl, 0, b"\x00\x16");
    let began = Instant::now();
    assert_eq!(probe(&opener, "COM1", PATIENCE).await, None);
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_port_is_left_after_a_few_seconds() {
    let opener = at_speed(&shared(Growl(b"")), 0, b"");
    let began = Instant::now();
    assert_eq!(probe(&opener, "COM1", PATIENCE).await, None);
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_echo_is_no_device() {
    struct Echo;
    impl Device for Echo {
        fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
            bytes.to_vec()
        }
    }
    let opener = Opener::custom(|_| async {
        let (wire, other) = memory();
        tokio::spawn(serve(shared(Echo), other));
        Ok(wire)
    });
    let began = Instant::now();
    assert_eq!(probe(&opener, "COM1", PATIENCE).await, None);
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_port_that_babbles_is_left_in_time() {
    for text in [
        b"AT+CPIN?\r\n".as_slice(),
        b"\x01\x16\x15",
        b"\x04@\x05\x02",
    ] {
        let opener = Opener::custom(move |_| async move {
            let (wire, other) = memory();
            tokio::spawn(babble(other, text));
            Ok(wire)
        });
        let began = Instant::now();
        assert_eq!(probe(&opener, "COM1", PATIENCE).await, None);
        assert!(began.elapsed() <= PATIENCE, "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_that_is_gone_is_not_asked_at_other_speeds() {
    let (counted, opened) = std::sync::mpsc::channel();
    let opener = Opener::custom(move |_| {
        counted.send(()).unwrap();
        async { Err::<Wire, _>(io::Error::from(io::ErrorKind::NotFound)) }
    });
    assert_eq!(probe(&opener, "COM1", PATIENCE).await, None);
    assert_eq!(opened.try_iter().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_stumbles_is_found() {
    for fault in [
        Fault::Damaged,
        Fault::Nak,
        Fault::Busy(3),
        Fault::Modem,
        Fault::Late,
    ] {
        for (dialect, driver) in [(Isl::P, "bg.dt.p.isl"), (Isl::X, "bg.dt.x.isl")] {
            let mut device = IslDevice::new(dialect);
            device.faults.extend([(0, fault), (3, fault)]);
            let found = found(device, 115_200, b"", |device| &device.till).await;
            assert_eq!(found, format!("{driver}.com:///dev/ttyUSB0"), "{fault:?}");
        }
    }
}

/// The frames that devices are known to answer, byte by byte.
#[test]
fn the_knocks_are_the_known_ones() {
    let hex = |bytes: &[u8]| {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(" ")
    };
    let all: Vec<String> = knocks(9600).iter().map(|(_, knock)| hex(knock)).collect();
    let known = [
        "01 30 30 32 3A 21 30 30 34 3A 05 30 31 3C 30 03",
        "01 25 21 5A 31 05 30 30 3D 36 03",
        "04",
        "09",
        "02 30 30 30 30 30 30 30 3C 38 3E 03",
    ];
    assert_eq!(all, known);
    assert_eq!(knocks(115_200).len(), 4);
}

/// Simulates a device at the far end of a serial port until it is told to stop.
fn behind_a_port<D>(device: Shared<D>, mut port: TTYPort, stop: Arc<AtomicBool>)
where
    D: Device + Send + 'static,
{
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while !stop.load(Ordering::Relaxed) {
            let Ok(count) = port.read(&mut bytes) else {
                continue;
            };
            let answer = device.lock().unwrap().hear(&bytes[..count]);
            port.write_all(&answer).unwrap();
        }
    });
}

#[tokio::test]
async fn a_device_is_found_behind_a_serial_port() {
    let (far, near) = TTYPort::pair().unwrap();
    let port = near.name().unwrap();
    let device = shared(IslDevice::new(Isl::Eltrade));
    let stop = Arc::new(AtomicBool::new(false));
    behind_a_port(Arc::clone(&device), far, Arc::clone(&stop));
    let found = probe(&Opener::system(None), &port, PATIENCE).await;
    stop.store(true, Ordering::Relaxed);
    let (uri, info) = found.unwrap();
    assert_eq!(uri.to_string(), format!("bg.ed.isl.com://{port}"));
    assert_eq!(info.serial, "ED311662");
    assert_untouched(&device.lock().unwrap().till);
}

#[test]
fn ports_are_listed_once_and_excluded_under_all_their_names() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for name in ["tty1", "tty2", "tty3"] {
        std::fs::write(place(name), "").unwrap();
    }
    std::os::unix::fs::symlink(place("tty1"), place("plug1")).unwrap();
    std::os::unix::fs::symlink(place("tty2"), place("plug2")).unwrap();
    let extra = ["tty3", "missing", "tty2", "plug2", "tty1"].map(place);
    let ours = |excluded: &BTreeSet<String>| {
        let mut ports = ports(excluded, &extra);
        ports.retain(|port| Path::new(port).starts_with(directory.path()));
        ports
    };
    let excluded = BTreeSet::from([place("plug1")]);
    assert_eq!(ours(&excluded), ["tty2", "tty3"].map(place));
    assert_eq!(ours(&BTreeSet::new()), ["tty1", "tty2", "tty3"].map(place));
}
