//! Where output goes: a file that appears whole or not at all, or a stream; compressed or not.

use crate::early_sync::EarlySync;
use flate2::write::GzEncoder;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// Names of temporary files, by which a later run knows them.
const PREFIX: &str = ".arrears-";
const SUFFIX: &str = ".tmp";

/// How often a new temporary file is made where others vanish.
const TRIES: usize = 100;

/// A file to be.
pub(crate) enum Place {
    /// Written under a temporary name in the folder of `path`.
    Temporary { file: NamedTempFile, path: PathBuf, sync: EarlySync },
    /// A device or pipe, which cannot be replaced by a file.
    Device(File),
}

impl Place {
    pub(crate) fn open(path: &Path) -> io::Result<Place> {
        // A link is followed, so that the file it names is replaced and not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder; name a file"));
            }
            Ok(found) if !found.is_file() => {
                return OpenOptions::new().write(true).open(&path).map(Place::Device);
            }
            _ => {}
        }
        let folder = folder_of(&path).to_owned();
        clear_left_behind(&folder);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The umask takes away what the user does not want to give.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        Ok(Place::Temporary { file: locked(&builder, &folder)?, path, sync: EarlySync::default() })
    }

    /// Makes sure that the bytes are on the disk and gives the file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Place::Temporary { file, path, mut sync } => {
                sync.wait()?;
                file.as_file().sync_all()?;
                let folder = folder_of(&path).to_owned();
                file.persist(path).map_err(|e| e.error)?;
                sync_folder(&folder)
            }
            Place::Device(mut file) => file.flush(),
        }
    }
}

/// A new file with a lock on it, by which others see that its owner lives.
fn locked(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    for _ in 0..TRIES {
        let file = builder.tempfile_in(folder)?;
        // Where a file system knows no locks there are none to be asked for either.
        let _ = file.as_file().try_lock();
        // Between the two steps another process may have taken it for left behind.
        if file.path().exists() {
            return Ok(file);
        }
    }
    Err(io::Error::other("temporary files vanish from the folder as they are made"))
}

/// Removes temporary files whose process was killed: nobody holds the lock on them. Each folder is looked at once.
fn clear_left_behind(folder: &Path) {
    static SEEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    if !SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned()) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let ours = name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        if ours && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // Who may not remove it leaves it to the next one.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that a new name in a folder is on the disk, where folders can be opened.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::Temporary { file, sync, .. } => {
                let written = file.as_file_mut().write(bytes)?;
                sync.written(file.as_file(), written)?;
                Ok(written)
            }
            Place::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Place::Temporary { file, .. } => file.as_file_mut().flush(),
            Place::Device(file) => file.flush(),
        }
    }
}

/// A file or a stream.
pub(crate) enum Target {
    Place(Place),
    Stream(Box<dyn Write + Send>),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Place(place) => place.write(bytes),
            Target::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Place(place) => place.flush(),
            Target::Stream(stream) => stream.flush(),
        }
    }
}

/// A target, with gzip in front or without. No clock goes into the gzip header.
pub(crate) enum Sink {
    Plain(Target),
    Gzip(Box<GzEncoder<Target>>),
}

impl Sink {
    pub(crate) fn finish(self) -> io::Result<()> {
        let target = match self {
            Sink::Plain(target) => target,
            Sink::Gzip(encoder) => encoder.finish()?,
        };
        match target {
            Target::Place(place) => place.finish(),
            Target::Stream(mut stream) => stream.flush(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Plain(target) => target.write(bytes),
            Sink::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(target) => target.flush(),
            Sink::Gzip(encoder) => encoder.flush(),
        }
    }
}
