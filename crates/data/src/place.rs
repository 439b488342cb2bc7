//! Where output goes: a file that appears whole or not at all, or a stream; compressed or not.

use flate2::write::GzEncoder;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file to be.
pub(crate) enum Place {
    /// Written under a temporary name in the folder of `path`.
    Temporary { file: NamedTempFile, path: PathBuf },
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
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".arrears-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The umask takes away what the user does not want to give.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        Ok(Place::Temporary { file: builder.tempfile_in(folder)?, path })
    }

    /// Makes sure that the bytes are on the disk and gives the file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Place::Temporary { file, path } => {
                file.as_file().sync_all()?;
                file.persist(path).map_err(|e| e.error)?;
                Ok(())
            }
            Place::Device(mut file) => file.flush(),
        }
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::Temporary { file, .. } => file.as_file_mut().write(bytes),
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
