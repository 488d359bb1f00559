//! A file that takes everything that would go to a device, for demonstrations and tests on site.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// An open file. What is sent is written behind what is there.
pub struct Capture(Arc<File>);

impl Capture {
    /// Opens the file of that name, or makes it.
    ///
    /// # Errors
    /// When no directory is set up, the name is not the name of a file in it, or the file cannot be
    /// opened.
    pub async fn open(directory: Option<&Path>, name: &str) -> io::Result<Self> {
        let Some(directory) = directory else {
            let text = format!(
                "The output for \"{name}\" has nowhere to go: set `printer_captures` to a directory"
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        };
        let path = place(directory, name)?;
        let opening = spawn_blocking(move || {
            let failed = |error: io::Error| {
                let text = format!("{} cannot be written: {error}", path.display());
                io::Error::new(error.kind(), text)
            };
            if let Some(directory) = path.parent() {
                std::fs::create_dir_all(directory).map_err(failed)?;
            }
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            options.open(&path).map_err(failed)
        });
        Ok(Self(Arc::new(opening.await??)))
    }

    /// Writes the bytes and tells how many.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let (file, bytes) = (Arc::clone(&self.0), bytes.to_vec());
        let writing = spawn_blocking(move || (&*file).write_all(&bytes).map(|()| bytes.len()));
        writing.await?
    }
}

/// A name comes from a setting that more people may change than those who run the server: it leads
/// nowhere but into the directory.
fn place(directory: &Path, name: &str) -> io::Result<PathBuf> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(part)), None) if part == name => Ok(directory.join(part)),
        _ => {
            let text = format!("\"{name}\" is no name of a file to write to");
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
    }
}
