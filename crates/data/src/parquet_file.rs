//! A Parquet file, read only where it is.
//!
//! The Parquet reader believes the sizes that stand in the file. With damaged bytes it would ask for
//! memory that no machine has, or skip for minutes past the end of the file, where reading nothing is no
//! error to it. Here both are errors.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file and its length when it was opened; several threads may read it at once.
#[derive(Clone)]
pub(crate) struct ParquetFile {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl ParquetFile {
    pub(crate) fn new(file: File) -> io::Result<ParquetFile> {
        let length = file.metadata()?.len();
        Ok(ParquetFile { file: Arc::new(Mutex::new(file)), length })
    }
}

impl Length for ParquetFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for ParquetFile {
    type T = UntilEnd;

    fn get_read(&self, start: u64) -> Result<UntilEnd> {
        Ok(UntilEnd(BufReader::new(Place { file: self.file.clone(), at: start })))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            let file = self.length;
            return Err(ParquetError::EOF(format!(
                "{length} bytes are expected from byte {start} on, the file has {file}"
            )));
        }
        // at once: reading to an end that is not known beforehand takes many steps
        let mut bytes = vec![0; length];
        Place { file: self.file.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A place in a file that others read too.
struct Place {
    file: Arc<Mutex<File>>,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Each read says where it starts, so a file that a panic left anywhere can be read on.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Reads up to the end of the file; reading on there is an error.
pub(crate) struct UntilEnd(BufReader<Place>);

impl Read for UntilEnd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}
