//! The text of a file as UTF-8, whatever its encoding.

use crate::encoding::TextEncoding;
use crate::inflate::Inflated;
use encoding_rs::{Decoder, DecoderResult, UTF_8, WINDOWS_1252};
use vinculo_connector::ConnectorError;

/// Stands for bytes that are no character. No valid UTF-8 holds it, so the record around it is rejected, and no other.
const NO_CHARACTER: u8 = 0xFF;
const CHUNK: usize = 64 << 10;
/// One byte of a source encoding becomes at most this many of UTF-8.
const GROWTH_MAX: usize = 3;

/// A file's text, without its byte order mark.
pub(crate) struct Text {
    bytes: Inflated,
    /// None for UTF-8, which is passed on as it comes and checked record by record.
    transcoder: Option<Transcoder>,
}

impl Text {
    pub(crate) fn open(mut bytes: Inflated, encoding: &TextEncoding) -> Result<Self, ConnectorError> {
        bytes.skip(encoding.mark as u64)?;
        Ok(Self { bytes, transcoder: (encoding.encoding != UTF_8).then(|| Transcoder::new(encoding)) })
    }

    /// Reads some text; 0 at the end. `out` must have room for some characters.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, ConnectorError> {
        match &mut self.transcoder {
            None => self.bytes.read(out),
            Some(transcoder) => transcoder.read(&mut self.bytes, out),
        }
    }

    /// Passes over `count` bytes of text without reading them, where bytes of the file are bytes of the text.
    pub(crate) fn skip_if_untouched(&mut self, count: u64) -> Result<bool, ConnectorError> {
        if self.transcoder.is_none() {
            self.bytes.skip(count)?;
        }
        Ok(self.transcoder.is_none())
    }
}

/// Any encoding → UTF-8.
struct Transcoder {
    decoder: Decoder,
    /// Windows-1252 as published has five unused bytes; the WHATWG's maps them to control characters that no text has.
    has_unused_bytes: bool,
    chunk: Vec<u8>,
    start: usize,
    end: usize,
    is_flushed: bool,
}

impl Transcoder {
    fn new(encoding: &TextEncoding) -> Self {
        Self {
            decoder: encoding.encoding.new_decoder_without_bom_handling(),
            has_unused_bytes: encoding.encoding == WINDOWS_1252,
            chunk: vec![0; CHUNK],
            start: 0,
            end: 0,
            is_flushed: false,
        }
    }

    fn read(&mut self, bytes: &mut Inflated, out: &mut [u8]) -> Result<usize, ConnectorError> {
        loop {
            if self.start == self.end && !self.is_flushed {
                self.start = 0;
                self.end = bytes.read(&mut self.chunk)?;
                self.is_flushed = self.end == 0;
            } else if self.start == self.end {
                return Ok(0);
            }
            let written = self.decode(out);
            if written > 0 {
                return Ok(written);
            }
        }
    }

    /// Decodes what is at hand, up to the first byte that is no character, or to the end.
    fn decode(&mut self, out: &mut [u8]) -> usize {
        let sound = &self.chunk[self.start..self.end];
        let sound = &sound[..sound.len().min(out.len() / GROWTH_MAX)];
        let unused = sound.iter().position(|byte| self.has_unused_bytes && is_unused(*byte));
        let sound = &sound[..unused.unwrap_or(sound.len())];
        let (result, read, mut written) = self.decoder.decode_to_utf8_without_replacement(sound, out, self.is_flushed);
        self.start += read;
        let is_broken = match result {
            DecoderResult::Malformed(..) => true,
            DecoderResult::InputEmpty if unused.is_some() => {
                self.start += 1;
                true
            }
            DecoderResult::InputEmpty | DecoderResult::OutputFull => false,
        };
        if is_broken {
            out[written] = NO_CHARACTER;
            written += 1;
        }
        written
    }
}

fn is_unused(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)
}
