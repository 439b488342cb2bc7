//! Sizes that the pages and the footer of a Parquet file claim, held against what can be.
//!
//! A page says how long it is when decompressed, and the Parquet reader makes room for as much before it decompresses: 2 GiB
//! for some damaged bytes, and for each column at once. A codec turns one byte into so many at most, so a claim beyond that
//! is damage. In the footer a list says how many elements it has, and room is made for as many.

use crate::parquet_file::ParquetFile;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{self, Read};

/// Deepest nesting of a page's head, which has three levels, and of a footer, which has about ten.
const DEEPEST: usize = 16;

/// Bytes behind the footer: its size and the magic number.
const TAIL: u64 = 8;

/// Checks the pages of a column chunk. What cannot be understood is left to the reader to complain of.
///
/// # Errors
/// A page claims more than its bytes can become, or the file cannot be read.
pub(crate) fn check_pages(file: &ParquetFile, chunk: &ColumnChunkMetaData) -> Result<(), ParquetError> {
    let Some(ratio) = most_of_one(chunk.compression()) else { return Ok(()) };
    let (mut at, length) = chunk.byte_range();
    let end = at.saturating_add(length).min(file.len());
    while at < end {
        let mut head = Head { bytes: file.get_read(at)?, read: 0 };
        let Ok(Some((claimed, stored))) = head.sizes() else { return Ok(()) };
        if claimed > (stored + 1).saturating_mul(ratio) {
            let problem = format!("a page of {stored} bytes claims {claimed} when decompressed");
            return Err(ParquetError::General(problem));
        }
        at += head.read + stored;
    }
    Ok(())
}

/// Checks that the lists of a file's footer have the elements that they announce: the reader makes room for as many before it reads
/// one. What cannot be found is left to the reader to complain of.
///
/// # Errors
/// The footer ends before its lists do, or the file cannot be read.
pub(crate) fn check_footer(file: &ParquetFile) -> Result<(), ParquetError> {
    let Some(end) = file.len().checked_sub(TAIL) else { return Ok(()) };
    let tail = file.get_bytes(end, TAIL as usize)?;
    let size = u32::from_le_bytes(tail[..4].try_into().expect("four bytes"));
    let start = end.checked_sub(u64::from(size)).filter(|_| &tail[4..] == b"PAR1");
    let Some(start) = start else { return Ok(()) };
    let footer = file.get_bytes(start, size as usize)?;
    let walked = Head { bytes: &footer[..], read: 0 }.pass(12, DEEPEST);
    walked.map_err(|_| ParquetError::General("its footer ends before what it announces".to_owned()))
}

/// Most bytes that one byte can become, rounded up; `None` where nothing is decompressed.
fn most_of_one(codec: Compression) -> Option<u64> {
    match codec {
        Compression::UNCOMPRESSED => None,
        // A copy of 64 bytes takes three.
        Compression::SNAPPY => Some(22),
        // A match of 258 bytes takes two bits.
        Compression::GZIP(_) => Some(1_032),
        Compression::LZ4 | Compression::LZ4_RAW => Some(256),
        // A block of 128 KiB takes four bytes.
        _ => Some(1 << 15),
    }
}

/// The head of a page, or a footer: a struct in Thrift's compact protocol.
struct Head<R> {
    bytes: R,
    read: u64,
}

impl<R: Read> Head<R> {
    /// The page's size when decompressed and as it is stored; `None` where the head says neither or negative ones. Reads the
    /// whole head.
    fn sizes(&mut self) -> io::Result<Option<(u64, u64)>> {
        let (mut claimed, mut stored, mut field) = (None, None, 0);
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => claimed = u64::try_from(self.zigzag()?).ok(),
                (3, 5) => stored = u64::try_from(self.zigzag()?).ok(),
                _ => self.pass(kind, DEEPEST)?,
            }
        }
        Ok(claimed.zip(stored))
    }

    /// The kind of the next field, whose number is left in `field`; `None` at the end of the struct.
    fn field(&mut self, field: &mut i64) -> io::Result<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        *field = match byte >> 4 {
            0 => self.zigzag()?,
            step => field.saturating_add(i64::from(step)),
        };
        Ok(Some(byte & 15))
    }

    /// Passes over a value.
    fn pass(&mut self, kind: u8, deepest: usize) -> io::Result<()> {
        let deeper = deepest.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        match kind {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.varint()?),
            7 => self.pass_bytes(8)?,
            8 => {
                let length = self.varint()?;
                self.pass_bytes(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let length = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                for _ in 0..length {
                    // A truth value stands in a byte of its own here.
                    self.pass(if byte & 15 <= 2 { 3 } else { byte & 15 }, deeper)?;
                }
            }
            12 => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.pass(kind, deeper)?;
                }
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(())
    }

    fn pass_bytes(&mut self, length: u64) -> io::Result<()> {
        self.read += length;
        match io::copy(&mut self.bytes.by_ref().take(length), &mut io::sink())? {
            passed if passed < length => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn zigzag(&mut self) -> io::Result<i64> {
        let x = self.varint()?;
        Ok((x >> 1) as i64 ^ -((x & 1) as i64))
    }

    fn varint(&mut self) -> io::Result<u64> {
        let (mut x, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            x |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            match byte {
                0..0x80 => return Ok(x),
                _ if shift > 63 => return Err(io::ErrorKind::InvalidData.into()),
                _ => {}
            }
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.bytes.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }
}
