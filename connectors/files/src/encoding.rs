//! Which encoding a text is in: from its byte order mark, or from its first megabyte where one candidate remains.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr_iter;
use vinculo_connector::{Finding, How};

/// How a text is encoded.
#[derive(Debug, Clone)]
pub(crate) struct TextEncoding {
    pub(crate) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(crate) mark: usize,
    pub(crate) how: How,
}

impl TextEncoding {
    /// The name under which it can be declared.
    pub(crate) fn name(&self) -> String {
        self.encoding.name().to_ascii_lowercase()
    }

    pub(crate) fn finding(&self) -> Finding {
        Finding::new("encoding", self.name(), self.how)
    }

    /// Whether nothing but ASCII was seen so far, so that UTF-8 is only the usual guess.
    pub(crate) fn is_a_guess(&self) -> bool {
        self.how == How::Assumed
    }
}

/// Why the encoding cannot be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecided {
    pub(crate) detail: &'static str,
    /// The encoding to declare, most likely.
    pub(crate) suggestion: &'static str,
}

/// The encoding of the text that begins with `sample`; `is_whole` when nothing follows.
///
/// # Errors
/// When no single candidate remains, or when a byte order mark contradicts the declaration.
pub(crate) fn detect(
    sample: &[u8],
    is_whole: bool,
    declared: Option<&'static Encoding>,
) -> Result<TextEncoding, Undecided> {
    let marked = Encoding::for_bom(sample);
    if let Some(encoding) = declared {
        return match marked {
            Some((marked, _)) if marked != encoding => Err(Undecided {
                detail: "the byte order mark contradicts the declared encoding",
                suggestion: suggestion_for(marked),
            }),
            _ => Ok(TextEncoding { encoding, mark: marked.map_or(0, |(_, length)| length), how: How::Declared }),
        };
    }
    if let Some((encoding, mark)) = marked {
        return Ok(TextEncoding { encoding, mark, how: How::Marked });
    }
    if let Some(suggestion) = wide_without_mark(sample) {
        return Err(Undecided { detail: "looks like UTF-16 without a byte order mark", suggestion });
    }
    from_evidence(sample, is_whole)
}

fn suggestion_for(encoding: &'static Encoding) -> &'static str {
    match encoding {
        e if e == UTF_16LE => "utf-16le",
        e if e == UTF_16BE => "utf-16be",
        _ => "utf-8",
    }
}

/// Text in UTF-16 is NUL in every second byte, as far as it is Latin.
fn wide_without_mark(sample: &[u8]) -> Option<&'static str> {
    let nuls = memchr_iter(0, sample);
    let (mut even, mut odd) = (0, 0);
    nuls.for_each(|at| if at % 2 == 0 { even += 1 } else { odd += 1 });
    let many = (sample.len() / 4).max(2);
    if odd >= many && even * 10 < odd {
        Some("utf-16le")
    } else if even >= many && odd * 10 < even {
        Some("utf-16be")
    } else {
        None
    }
}

/// Decides by what the lines with anything but ASCII in them are valid in.
fn from_evidence(sample: &[u8], is_whole: bool) -> Result<TextEncoding, Undecided> {
    let (mut valid, mut invalid) = (0_u64, 0_u64);
    for line in sample.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        let is_cut_off = !is_whole && !line.ends_with(b"\n");
        match std::str::from_utf8(line) {
            Err(error) if !(is_cut_off && error.error_len().is_none()) => invalid += 1,
            _ => valid += 1,
        }
    }
    let found = |encoding, how| Ok(TextEncoding { encoding, mark: 0, how });
    match (valid, invalid) {
        (0, 0) => found(UTF_8, How::Assumed),
        (_, 0) => found(UTF_8, How::Detected),
        (0, _) if is_western(sample) => found(WINDOWS_1252, How::Detected),
        // A few broken lines among many sound ones are rejected one by one.
        _ if valid >= 9 * invalid => found(UTF_8, How::Detected),
        (0, _) => Err(Undecided { detail: "not UTF-8, and not clearly Windows-1252", suggestion: "windows-1252" }),
        _ => Err(Undecided { detail: "lines in UTF-8 and lines in another encoding are mixed", suggestion: "utf-8" }),
    }
}

/// Whether all that is not ASCII reads as the accented letters and signs of Western European languages in
/// Windows-1252, standing as such letters do: mostly among ASCII letters, hardly ever three in a row.
///
/// The code pages of DOS and of the old Macintosh put their accented letters where Windows-1252 has none; those of
/// Eastern Europe, Turkey, Greece and Russia use letters that are not in the list, or words without ASCII letters.
fn is_western(sample: &[u8]) -> bool {
    let (mut letters, mut others, mut run) = (0_u64, 0_u64, 0);
    for (at, byte) in sample.iter().enumerate() {
        run = if byte.is_ascii() { 0 } else { run + 1 };
        match WINDOWS_1252_SIGNS.binary_search(byte) {
            _ if byte.is_ascii() => {}
            _ if run > 2 => others += 1,
            _ if is_western_letter(*byte) => letters += 1,
            // A typographic sign between two letters is a letter of another code page; the apostrophe of D’Ávila is not.
            Ok(_) if *byte == 0x92 || !is_within_word(sample, at) => {}
            _ => others += 1,
        }
    }
    letters > 0 && others * 100 <= letters
}

/// Euro, typographic quotes and dashes, ª, º, °, §, « and the like. In order.
const WINDOWS_1252_SIGNS: &[u8] = &[
    0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0xA0, 0xA1, 0xA3, 0xA7, 0xA9, 0xAA, 0xAB, 0xAE, 0xB0,
    0xB2, 0xB4, 0xB7, 0xBA, 0xBB, 0xBF,
];

/// À Á Â Ã Ä Ç È É Ê Ë Ì Í Î Ï Ñ Ò Ó Ô Õ Ö Ù Ú Û Ü and their small forms, ß.
fn is_western_letter(byte: u8) -> bool {
    matches!(byte, 0xC0..=0xC4 | 0xC7..=0xCF | 0xD1..=0xD6 | 0xD9..=0xDC | 0xDF)
        || matches!(byte, 0xE0..=0xE4 | 0xE7..=0xEF | 0xF1..=0xF6 | 0xF9..=0xFC)
}

fn is_within_word(sample: &[u8], at: usize) -> bool {
    let is_letter = |at: Option<usize>| at.and_then(|at| sample.get(at)).is_some_and(u8::is_ascii_alphabetic);
    is_letter(at.checked_sub(1)) && is_letter(Some(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "id;nome;cidade\n1;João Conceição;São Paulo\n2;José D’Ávila;Brasília – DF\n3;ÂNGELA;1º andar\n";

    fn windows_1252(text: &str) -> Vec<u8> {
        WINDOWS_1252.encode(text).0.into_owned()
    }

    fn found(sample: &[u8]) -> (&'static Encoding, How) {
        let found = detect(sample, true, None).unwrap();
        (found.encoding, found.how)
    }

    #[test]
    fn one_remaining_candidate_is_taken() {
        assert_eq!(found(NAMES.as_bytes()), (UTF_8, How::Detected));
        assert_eq!(found(&windows_1252(NAMES)), (WINDOWS_1252, How::Detected));
        assert_eq!(found(b"id;nome\n1;Ana\n"), (UTF_8, How::Assumed));
        assert_eq!(found(b"\xEF\xBB\xBFid"), (UTF_8, How::Marked));
        assert_eq!(found(b"\xFF\xFEi\0d\0"), (UTF_16LE, How::Marked));
        assert_eq!(found(b"\xFE\xFF\0i\0d"), (UTF_16BE, How::Marked));
    }

    #[test]
    fn a_character_cut_off_by_the_end_of_the_sample_is_no_fault() {
        let cut = &NAMES.as_bytes()[..NAMES.find('–').unwrap() + 1];
        assert_eq!(detect(cut, false, None).unwrap().encoding, UTF_8);
        assert!(detect(cut, true, None).is_err());
    }

    #[test]
    fn text_of_other_code_pages_is_not_taken_for_windows_1252() {
        // São, João, Conceição in code page 850, on the Macintosh; Polish, Czech, Turkish and Russian in theirs.
        for other in [
            &b"S\xC6o; Jo\xC6o; Concei\x87\xC6o\n"[..],
            b"S\x8Bo; Jo\x8Bo; Concei\x8D\x8Bo\n",
            b"W\xB3adys\xB3aw; \xA3\xF3d\x9F\n",
            b"Ji\xF8\xED; D\xECdek; Ol\x9A\xE1k\n",
            b"I\xFE\xFDk; Da\xF0\n",
            b"\xC8\xE2\xE0\xED \xCF\xE5\xF2\xF0\xEE\xE2\n",
        ] {
            assert!(detect(other, true, None).is_err(), "{other:?}");
        }
    }

    #[test]
    fn mixed_lines_are_undecided_unless_one_encoding_prevails() {
        let mixed = [NAMES.as_bytes(), &windows_1252(NAMES)].concat();
        assert_eq!(detect(&mixed, true, None).unwrap_err().suggestion, "utf-8");
        let mostly_utf8 = [NAMES.repeat(9).as_bytes(), b"4;Jos\xE9;Bel\xE9m\n"].concat();
        assert_eq!(found(&mostly_utf8), (UTF_8, How::Detected));
    }

    #[test]
    fn utf_16_without_a_mark_is_undecided_with_a_suggestion() {
        let wide: Vec<u8> = "id;nome\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(detect(&wide, true, None).unwrap_err().suggestion, "utf-16le");
        let wide: Vec<u8> = "id;nome\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(detect(&wide, true, None).unwrap_err().suggestion, "utf-16be");
    }

    #[test]
    fn a_declaration_is_followed_unless_a_mark_contradicts_it() {
        assert_eq!(detect(b"\xE7", true, Some(WINDOWS_1252)).unwrap().how, How::Declared);
        assert_eq!(detect(b"\xFF\xFEi\0", true, Some(UTF_8)).unwrap_err().suggestion, "utf-16le");
        assert_eq!(detect(b"\xEF\xBB\xBFid", true, Some(UTF_8)).unwrap().mark, 3);
    }
}
