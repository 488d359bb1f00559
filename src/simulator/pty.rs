//! The device on a serial line: a pseudoterminal, and a link to the end that clients open.

use super::state::Shared;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, ioctl_tiocnxcl, tcgetattr, tcsetattr};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// How long a look at the line lasts: then it is seen whether all shall end.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Both ends of the line. Ours keeps the other one open, so that a client may come and go.
struct Line {
    ours: File,
    theirs: File,
    path: PathBuf,
}

impl Line {
    /// A line that carries bytes as they are.
    fn open() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&ours, true)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::open(&path, flags, Mode::empty())?;
        let mut manner = tcgetattr(&theirs)?;
        manner.make_raw();
        tcsetattr(&theirs, OptionalActions::Now, &manner)?;
        Ok(Self {
            ours: File::from(ours),
            theirs: File::from(theirs),
            path,
        })
    }

    /// Makes a line and lets the link lead to it. `before` is where it led as long as it was ours.
    fn plug(link: &Path, before: Option<&Path>) -> io::Result<Self> {
        let left = std::fs::read_link(link).ok();
        // What leads nowhere was left behind by somebody who was killed. It goes first: the new line
        // may get the name of the old one, and a client must not find it before it is whole.
        if left.is_some_and(|left| Some(left.as_path()) == before || !link.exists()) {
            std::fs::remove_file(link)?;
        }
        let line = Self::open()?;
        std::os::unix::fs::symlink(&line.path, link)?;
        Ok(line)
    }

    /// A client takes the line for itself, and its claim would outlast it as long as we hold our end.
    fn share(&self) {
        ioctl_tiocnxcl(&self.theirs).ok();
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.share();
        let mut ours = [PollFd::new(&self.ours, PollFlags::IN)];
        if poll(&mut ours, Some(&LOOK))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.ours.read(buffer)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.share();
        self.ours.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serves a line on a thread of its own, and takes the link away at the end.
pub(super) fn serve(shared: Arc<Shared>, link: PathBuf) -> io::Result<JoinHandle<()>> {
    let mut line = Line::plug(&link, None)?;
    std::thread::Builder::new()
        .name("printer-pty".to_owned())
        .spawn(move || {
            loop {
                shared.serve(&mut line);
                let before = line.path.clone();
                drop(line);
                if shared.is_stopped() {
                    return unlink(&link, &before);
                }
                match Line::plug(&link, Some(&before)) {
                    Ok(next) => line = next,
                    Err(_) => return unlink(&link, &before),
                }
            }
        })
}

/// Removes the link, if it still is ours.
fn unlink(link: &Path, target: &Path) {
    if std::fs::read_link(link).is_ok_and(|found| found == target) {
        std::fs::remove_file(link).ok();
    }
}
