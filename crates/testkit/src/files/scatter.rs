//! Puts any number of lines into a random order with bounded memory: a file's order must not betray who is who.

use crate::chance::{Chance, mix};
use std::io::{self, Read, Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;

/// Lines of one part, which is sorted in memory.
const PART_LINES: u64 = 50_000;
/// Bytes that a part keeps in memory before it goes to a temporary file.
const PART_BYTES: usize = 1 << 18;

/// Lines on their way into a random order: each goes to a random part, and each part is shuffled when it is read.
#[derive(Debug)]
pub struct Scatter {
    seed: u64,
    lines: u64,
    parts: Vec<SpooledTempFile>,
}

impl Scatter {
    /// Room for about so many lines.
    pub fn new(seed: u64, lines: u64) -> Self {
        let parts = lines.div_ceil(PART_LINES).clamp(1, 400);
        Self { seed, lines: 0, parts: (0..parts).map(|_| SpooledTempFile::new(PART_BYTES)).collect() }
    }

    /// Takes a line: the number of its entity and its bytes.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn push(&mut self, entity: u64, line: &[u8]) -> io::Result<()> {
        let part = mix(self.seed ^ self.lines) % self.parts.len() as u64;
        self.lines += 1;
        let part = &mut self.parts[part as usize];
        let mut framed = Vec::with_capacity(line.len() + 12);
        framed.extend_from_slice(&entity.to_le_bytes());
        framed.extend_from_slice(&(line.len() as u32).to_le_bytes());
        framed.extend_from_slice(line);
        part.write_all(&framed)
    }

    /// Gives all lines back in their new order.
    ///
    /// # Errors
    /// When a temporary file cannot be read, and the first error of `take`.
    pub fn drain<E: From<io::Error>>(self, mut take: impl FnMut(u64, &[u8]) -> Result<(), E>) -> Result<(), E> {
        for (number, mut part) in self.parts.into_iter().enumerate() {
            let mut bytes = Vec::new();
            part.seek(SeekFrom::Start(0))?;
            part.read_to_end(&mut bytes)?;
            drop(part);
            let mut lines = Vec::new();
            let mut rest = &bytes[..];
            while let Some((entity, after)) = rest.split_first_chunk::<8>() {
                let Some((length, after)) = after.split_first_chunk::<4>() else {
                    break;
                };
                let (line, after) = after.split_at(u32::from_le_bytes(*length) as usize);
                lines.push((u64::from_le_bytes(*entity), line));
                rest = after;
            }
            shuffle(&mut lines, &mut Chance::new(self.seed, "order", number as u64));
            for (entity, line) in lines {
                take(entity, line)?;
            }
        }
        Ok(())
    }
}

/// Fisher and Yates.
pub fn shuffle<T>(items: &mut [T], chance: &mut Chance) {
    for last in (1..items.len()).rev() {
        items.swap(last, chance.below(last as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_comes_back_once_in_another_order() {
        let mut scatter = Scatter::new(1, 200_000);
        assert_eq!(scatter.parts.len(), 4);
        for line in 0..10_000_u64 {
            scatter.push(line / 2, line.to_string().as_bytes()).unwrap();
        }
        let mut drained: Vec<(u64, u64)> = Vec::new();
        let taken = |entity: u64, line: &[u8]| {
            drained.push((entity, std::str::from_utf8(line).unwrap().parse().unwrap()));
            Ok::<(), io::Error>(())
        };
        scatter.drain(taken).unwrap();
        assert!(drained.iter().all(|(entity, line)| *entity == line / 2));
        assert!(drained.windows(2).filter(|pair| pair[0].0 == pair[1].0).count() < 20);
        drained.sort_unstable();
        assert!(drained.iter().map(|(_, line)| *line).eq(0..10_000));
    }
}
