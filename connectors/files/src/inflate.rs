//! The bytes of a file after decompression, guarded against files that grow without end.

use crate::listing::SourceFile;
use crate::options::Compression;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use vinculo_connector::{ConnectorError, RefusalCode};

/// Up to here nothing is suspicious.
const HARMLESS: u64 = 16 << 20;
/// Customer files shrink to a fifth or a tenth. What shrank to less than this part of its size is no customer file.
const RATIO_MAX: u64 = 200;

/// A file's bytes, decompressed.
pub(crate) struct Inflated {
    file: SourceFile,
    bytes: Bytes,
    given: u64,
    allowed: u64,
}

enum Bytes {
    Plain(File),
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<File>>>),
}

impl Inflated {
    /// Opens the file, all of whose gzip members or zstd frames are read.
    ///
    /// # Errors
    /// When it cannot be opened, or is a sparse file of far more bytes than it occupies.
    pub(crate) fn open(file: &SourceFile, compression: Compression) -> Result<Self, ConnectorError> {
        let opened = file.open()?;
        if is_hollow(&opened).map_err(|error| file.unreadable(error))? {
            return Err(file.refused(RefusalCode::InflatesTooMuch).into());
        }
        let bytes = match compression {
            Compression::None => Bytes::Plain(opened),
            Compression::Gzip => Bytes::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, opened)))),
            Compression::Zstd => {
                Bytes::Zstd(Box::new(zstd::Decoder::new(opened).map_err(|error| file.unreadable(error))?))
            }
        };
        let allowed = match compression {
            Compression::None => u64::MAX,
            _ => HARMLESS.max(file.identity.bytes.saturating_mul(RATIO_MAX)),
        };
        Ok(Self { file: file.clone(), bytes, given: 0, allowed })
    }

    /// Reads some bytes; 0 at the end.
    ///
    /// # Errors
    /// Refused when the compressed data are damaged, cut off, or grow too much.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, ConnectorError> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(file) => file.read(out),
            Bytes::Gzip(decoder) => decoder.read(out),
            Bytes::Zstd(decoder) => decoder.read(out),
        };
        let count = match outcome {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return self.read(out),
            // What the operating system did not report, the decompressor found in the data.
            Err(error) if error.raw_os_error().is_none() => return Err(self.file.refused(RefusalCode::Corrupt).into()),
            Err(error) => return Err(self.file.unreadable(error)),
        };
        self.given += count as u64;
        if self.given > self.allowed {
            return Err(self.file.refused(RefusalCode::InflatesTooMuch).into());
        }
        Ok(count)
    }

    /// Reads until `out` is full; fewer bytes only at the end.
    pub(crate) fn read_full(&mut self, out: &mut [u8]) -> Result<usize, ConnectorError> {
        let mut filled = 0;
        while filled < out.len() {
            match self.read(&mut out[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }

    /// Passes over `count` bytes.
    pub(crate) fn skip(&mut self, count: u64) -> Result<(), ConnectorError> {
        if let Bytes::Plain(file) = &mut self.bytes {
            let moved = file.seek(SeekFrom::Start(self.given + count));
            self.given = moved.map_err(|error| self.file.unreadable(error))?;
            return Ok(());
        }
        let mut passed = [0; 1 << 14];
        let mut left = count;
        while left > 0 {
            let wanted = passed.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            match self.read(&mut passed[..wanted])? {
                0 => break,
                count => left -= count as u64,
            }
        }
        Ok(())
    }
}

/// Whether a file occupies far less than it says to hold: a hole that would be read as gigabytes of NUL.
#[cfg(unix)]
fn is_hollow(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    let occupied = metadata.blocks().saturating_mul(512);
    Ok(metadata.len() > HARMLESS.max(occupied.saturating_mul(RATIO_MAX)))
}

#[cfg(not(unix))]
fn is_hollow(_: &File) -> io::Result<bool> {
    Ok(false)
}
