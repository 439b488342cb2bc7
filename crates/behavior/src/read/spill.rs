//! Batches on the disk, in a file without a name that is gone when it is closed, whatever ends the program.

use crate::Error;
use crate::read::batch::{Batch, Keys};
use crate::read::cells::Cells;
use crate::read::texts::Texts;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::sync::Arc;

/// Batches that were written, to be read once in their order.
pub(crate) struct Spilled {
    file: BufReader<File>,
    left: usize,
}

/// Writes batches.
pub(crate) struct Spill {
    file: BufWriter<File>,
    batches: usize,
}

impl Spill {
    pub(crate) fn new() -> Result<Spill, Error> {
        let file = tempfile::tempfile().map_err(temporary)?;
        Ok(Spill { file: BufWriter::with_capacity(1 << 20, file), batches: 0 })
    }

    pub(crate) fn write(&mut self, batch: &Batch) -> Result<(), Error> {
        self.batches += 1;
        self.batch(batch).map_err(temporary)
    }

    pub(crate) fn finish(self) -> Result<Spilled, Error> {
        let rewound = self.file.into_inner().map_err(|e| e.into_error()).and_then(|mut file| {
            file.rewind()?;
            Ok(file)
        });
        let file = BufReader::with_capacity(1 << 18, rewound.map_err(temporary)?);
        Ok(Spilled { file, left: self.batches })
    }

    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        match &batch.keys {
            Keys::Number(ids) => {
                self.file.write_all(&[0])?;
                self.longs(ids)?;
            }
            Keys::Text(ids) => {
                self.file.write_all(&[1])?;
                self.texts(ids)?;
            }
        }
        self.shorts(&batch.starts)?;
        self.longs(&batch.at)?;
        self.longs(&batch.known)?;
        self.file.write_all(&(batch.cells.len() as u64).to_le_bytes())?;
        batch.cells.iter().try_for_each(|cells| self.cells(cells))
    }

    fn cells(&mut self, cells: &Cells) -> io::Result<()> {
        let (tag, values) = match cells {
            Cells::Number(values) => (0, values),
            Cells::Time(values) => (1, values),
            Cells::Integer(values) => (2, values),
            Cells::Text { codes, texts, .. } => {
                self.file.write_all(&[3])?;
                self.shorts(codes)?;
                return self.texts(texts);
            }
        };
        self.file.write_all(&[tag])?;
        self.longs(values)
    }

    fn longs(&mut self, values: &[i64]) -> io::Result<()> {
        self.file.write_all(&(values.len() as u64).to_le_bytes())?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.file.write_all(&bytes)
    }

    fn shorts(&mut self, values: &[u32]) -> io::Result<()> {
        self.file.write_all(&(values.len() as u64).to_le_bytes())?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.file.write_all(&bytes)
    }

    fn texts(&mut self, texts: &Texts) -> io::Result<()> {
        let (ends, text) = texts.parts();
        self.shorts(ends)?;
        self.file.write_all(&(text.len() as u64).to_le_bytes())?;
        self.file.write_all(text.as_bytes())
    }
}

impl Spilled {
    pub(crate) fn next(&mut self) -> Result<Option<Batch>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.batch().map(Some).map_err(temporary)
    }

    fn batch(&mut self) -> io::Result<Batch> {
        let keys = match self.tag()? {
            0 => Keys::Number(self.longs()?),
            _ => Keys::Text(self.texts()?),
        };
        let (starts, at, known) = (self.shorts()?, self.longs()?, self.longs()?);
        let columns = self.length()?;
        let cells = (0..columns).map(|_| self.cells()).collect::<io::Result<_>>()?;
        Ok(Batch { keys, starts, at, known, cells })
    }

    fn cells(&mut self) -> io::Result<Cells> {
        Ok(match self.tag()? {
            0 => Cells::Number(self.longs()?),
            1 => Cells::Time(self.longs()?),
            2 => Cells::Integer(self.longs()?),
            _ => {
                let (codes, texts) = (self.shorts()?, Arc::new(self.texts()?));
                Cells::Text { codes, texts, distinct: false }
            }
        })
    }

    fn tag(&mut self) -> io::Result<u8> {
        let mut tag = [0];
        self.file.read_exact(&mut tag)?;
        Ok(tag[0])
    }

    fn length(&mut self) -> io::Result<usize> {
        let mut length = [0; 8];
        self.file.read_exact(&mut length)?;
        Ok(u64::from_le_bytes(length) as usize)
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn longs(&mut self) -> io::Result<Vec<i64>> {
        let count = self.length()?;
        let bytes = self.bytes(8 * count)?;
        let of = |eight: &[u8]| i64::from_le_bytes(eight.try_into().expect("eight bytes"));
        Ok(bytes.chunks_exact(8).map(of).collect())
    }

    fn shorts(&mut self) -> io::Result<Vec<u32>> {
        let count = self.length()?;
        let bytes = self.bytes(4 * count)?;
        let of = |four: &[u8]| u32::from_le_bytes(four.try_into().expect("four bytes"));
        Ok(bytes.chunks_exact(4).map(of).collect())
    }

    fn texts(&mut self) -> io::Result<Texts> {
        let ends = self.shorts()?;
        let count = self.length()?;
        let text = String::from_utf8(self.bytes(count)?).map_err(io::Error::other)?;
        Ok(Texts::new(ends, text))
    }
}

fn temporary(source: io::Error) -> Error {
    Error::Temporary { source }
}
