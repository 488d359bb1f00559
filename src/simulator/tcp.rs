//! The device on a TCP port: one client at a time, as with real devices.

use super::state::Shared;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How long the thread is given to notice that it shall end.
const WAKE: Duration = Duration::from_secs(1);

/// Serves the listener on a thread of its own. A client that comes while another is there waits until
/// that one has gone, or died.
pub(super) fn serve(shared: Arc<Shared>, listener: TcpListener) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("printer-tcp".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) if !shared.is_stopped() => attend(&shared, stream),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    _ => return,
                }
            }
        })
}

fn attend(shared: &Shared, mut stream: TcpStream) {
    // Devices send single bytes that somebody waits for.
    stream.set_nodelay(true).ok();
    let Ok(clone) = stream.try_clone() else {
        return;
    };
    if shared.welcome(clone).is_continue() {
        shared.serve(&mut stream);
    }
    stream.shutdown(Shutdown::Both).ok();
}

/// Lets the thread that waits for clients look around.
pub(super) fn wake(address: SocketAddr) {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    TcpStream::connect_timeout(&SocketAddr::new(ip, address.port()), WAKE).ok();
}
