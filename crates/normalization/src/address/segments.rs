//! The pieces of an address line between commas and dashes.

/// The pieces in their order, trimmed, none empty.
pub(super) struct Segments<'a> {
    line: &'a str,
    pieces: Vec<&'a str>,
}

impl<'a> Segments<'a> {
    /// Splits at commas, semicolons and dashes that stand between spaces.
    pub fn split(line: &'a str) -> Self {
        let bytes = line.as_bytes();
        let parts = |at: usize| match bytes[at] {
            b',' | b';' | b'|' => true,
            b'-' => at > 0 && bytes[at - 1] == b' ' && bytes.get(at + 1) == Some(&b' '),
            _ => false,
        };
        let mut pieces = Vec::with_capacity(8);
        let mut start = 0;
        for end in (0..bytes.len()).filter(|at| parts(*at)).chain([bytes.len()]) {
            let piece = line[start..end].trim_matches([' ', '-', '.']);
            if !piece.is_empty() {
                pieces.push(piece);
            }
            start = end + 1;
        }
        Self { line, pieces }
    }

    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    pub fn get(&self, n: usize) -> &'a str {
        self.pieces[n]
    }

    pub fn take(&mut self, n: usize) -> &'a str {
        self.pieces.remove(n)
    }

    pub fn push(&mut self, piece: &'a str) {
        self.pieces.push(piece);
    }

    pub fn insert(&mut self, n: usize, piece: &'a str) {
        self.pieces.insert(n, piece);
    }

    /// Puts another text in the place of piece `n`; an empty one removes it.
    pub fn replace(&mut self, n: usize, piece: &'a str) {
        if piece.is_empty() {
            self.pieces.remove(n);
        } else {
            self.pieces[n] = piece;
        }
    }

    /// The last piece, or the empty text.
    pub fn take_last(&mut self) -> &'a str {
        self.pieces.pop().unwrap_or_default()
    }

    /// The first run of neighboring pieces that are wanted, as they stand in the line.
    pub fn take_run(&mut self, is_wanted: fn(&str) -> bool) -> &'a str {
        let Some(first) = self.pieces.iter().position(|piece| is_wanted(piece)) else {
            return "";
        };
        let count = self.pieces[first..].iter().take_while(|piece| is_wanted(piece)).count();
        let run: Vec<&str> = self.pieces.drain(first..first + count).collect();
        let offset = |piece: &str| piece.as_ptr() as usize - self.line.as_ptr() as usize;
        let (start, last) = (offset(run[0]), run[count - 1]);
        // A piece that was moved to the end may stand before the others in the line.
        self.line.get(start..offset(last) + last.len()).unwrap_or(run[0])
    }

    /// The pieces that are left, with commas between them.
    pub fn join(&self) -> String {
        self.pieces.join(", ")
    }

    /// Takes the postal code out of the last piece that has one: `01310-100`, `CEP 01310100`, `1100-063 Lisboa`,
    /// `Sydney NSW 2000`.
    pub fn take_postal_code(&mut self, country: &str) -> &'a str {
        for n in (1..self.pieces.len()).rev() {
            let piece = self.pieces[n];
            for word in piece.split(' ') {
                if !is_postal_code(word, country) {
                    continue;
                }
                let start = word.as_ptr() as usize - piece.as_ptr() as usize;
                let before = piece[..start].trim_end();
                let before = before.strip_suffix("CEP").or(before.strip_suffix("CEP:")).unwrap_or(before).trim_end();
                let behind = piece[start + word.len()..].trim_start();
                match (before.is_empty(), behind.is_empty()) {
                    (true, _) => self.replace(n, behind),
                    (_, true) => self.replace(n, before),
                    _ => continue,
                }
                return word;
            }
        }
        ""
    }
}

fn is_postal_code(word: &str, country: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let others = word.len() - digits;
    let dash = word.find('-');
    match country {
        "BR" => {
            digits == 8
                && (others == 0
                    || (others == 1 && dash == Some(5))
                    || (others == 2 && word.get(2..3) == Some(".") && dash == Some(6)))
        }
        "PT" => digits == 7 && others == 1 && dash == Some(4),
        _ => others == 0 && matches!(digits, 4 | 5) || (digits == 9 && others == 1 && dash == Some(5)),
    }
}

/// Splits a piece behind its first `length` bytes.
pub(super) fn split_at_word(piece: &str, length: usize) -> (&str, &str) {
    let (head, tail) = piece.split_at(length);
    (head, tail.trim_start_matches([' ', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_at_commas_and_at_dashes_between_spaces() {
        let cases: [(&str, &[&str]); 6] = [
            ("Rua A-B, 10 - Centro; SP | 01310-100", &["Rua A-B", "10", "Centro", "SP", "01310-100"]),
            ("a - - b", &["a", "b"]),
            ("- a -- b -", &["a -- b"]),
            (", ,; -", &[]),
            ("Praça da Sé – 5", &["Praça da Sé – 5"]),
            ("", &[]),
        ];
        for (line, pieces) in cases {
            assert_eq!(Segments::split(line).pieces, pieces, "{line}");
        }
    }
}
