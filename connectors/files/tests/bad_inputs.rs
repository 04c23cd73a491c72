//! What becomes of every kind of bad file: accepted as it was meant, rejected record by record, or refused. A rule that
//! stands in the catalogue of bad inputs begins with its number there.

mod json;
mod text;

use crate::harness::{Folder, gzip, with_path, zstd};
use serde_json::{Value, json};
use vinculo_connector::RefusalCode as Refused;
use vinculo_connector::RejectCode;

/// One bad file and what must become of it.
struct Case {
    rule: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    options: Value,
    /// What the file holds from the moment on when its first record is read.
    then: Option<&'static str>,
    outcome: Outcome,
}

enum Outcome {
    /// The records' cells, and each reject's line and faults.
    Read(Vec<Vec<&'static str>>, Vec<(u64, Vec<RejectCode>)>),
    Refused(Refused),
}

fn read<const R: usize, const C: usize>(records: [[&'static str; C]; R]) -> Outcome {
    Outcome::Read(records.into_iter().map(Vec::from).collect(), Vec::new())
}

fn rejected<const R: usize, const C: usize>(
    records: [[&'static str; C]; R],
    rejects: &[(u64, &[RejectCode])],
) -> Outcome {
    let rejects = rejects.iter().map(|(line, codes)| (*line, codes.to_vec())).collect();
    Outcome::Read(records.into_iter().map(Vec::from).collect(), rejects)
}

/// So many records of this one cell.
fn read_many(cell: &'static str, records: usize) -> Outcome {
    Outcome::Read(vec![vec![cell]; records], Vec::new())
}

fn refused(code: Refused) -> Outcome {
    Outcome::Refused(code)
}

fn case(rule: &'static str, file: &'static str, bytes: impl Into<Vec<u8>>, outcome: Outcome) -> Case {
    let options = json!({});
    Case { rule, file, bytes: bytes.into(), options, then: None, outcome }
}

impl Case {
    fn with(self, options: Value) -> Self {
        Self { options, ..self }
    }

    fn then(self, text: &'static str) -> Self {
        Self { then: Some(text), ..self }
    }
}

/// The rules of the catalogue that speak of files and cannot be shown by one file alone, and where they are shown.
const SHOWN_ELSEWHERE: &[(u32, &str)] = &[
    (17, "bad deliveries: a missing column"),
    (26, "bad deliveries: a snapshot that shrank"),
    (37, "paths: absolute paths and links"),
    (38, "paths: pipes, devices, huge holes"),
];

#[test]
fn every_rule_of_the_catalogue_about_files_has_a_case() {
    let groups = groups();
    let rules = groups.iter().flat_map(|case| case.rule.split(' ')).filter_map(|word| word.strip_prefix('B'));
    let mut shown: Vec<u32> = rules.filter_map(|number| number.parse().ok()).collect();
    shown.extend(SHOWN_ELSEWHERE.iter().map(|(number, _)| number));
    let missing: Vec<u32> = (1..=51).filter(|number| !shown.contains(number)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_bad_file_is_accepted_rejected_or_refused_as_the_rules_say() {
    let failures: Vec<_> = groups().into_iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} rules are broken:\n{}", failures.len(), failures.join("\n"));
}

fn groups() -> Vec<Case> {
    let groups = [
        text::delimited(),
        text::delimiters(),
        text::encodings(),
        text::headers(),
        text::titles(),
        text::ends(),
        compressed(),
        contents(),
        json::lines(),
        json::arrays(),
        json::wrapped_arrays(),
    ];
    groups.into_iter().flatten().collect()
}

fn check(case: Case) -> Result<(), String> {
    let rule = case.rule;
    let folder = Folder::with(case.file, &case.bytes);
    let options = with_path(&case.options, case.file);
    let outcome = match case.then {
        Some(text) => folder.read_while(&options, || folder.write(case.file, text)),
        None => folder.read(&options),
    };
    match (case.outcome, outcome) {
        (Outcome::Refused(code), Err(error)) if error.refusal().is_some_and(|refusal| refusal.code == code) => Ok(()),
        (Outcome::Refused(code), outcome) => {
            let got = outcome.map(|delivered| (delivered.records, delivered.rejects));
            Err(format!("{rule}: not refused as {code:?} but {got:?}"))
        }
        (Outcome::Read(..), Err(error)) => Err(format!("{rule}: {error}")),
        (Outcome::Read(records, rejects), Ok(delivered)) => {
            let parts = delivered.done.as_ref().map(|done| done.parts.as_slice()).unwrap_or_default();
            let balances = parts.len() == 1 && parts[0].balances();
            if delivered.cells() == records && delivered.rejects == rejects && balances {
                return Ok(());
            }
            Err(format!("{rule}: read {:?}, rejected {:?}, {parts:?}", delivered.cells(), delivered.rejects))
        }
    }
}

fn compressed() -> Vec<Case> {
    let text = b"id;nome\n1;a\n2;b\n";
    let records = || read([["1", "a"], ["2", "b"]]);
    let whole = gzip(&b"id;nome\n1;abcdefghijklmnop\n".repeat(100));
    let mut bad_sum = gzip(text);
    let sum_at = bad_sum.len() - 8;
    bad_sum[sum_at] ^= 1;
    let bomb = [gzip(b"id;nome\n"), gzip(&b"1;a\n".repeat(1 << 18)).repeat(17)].concat();
    let zstd_whole = zstd(&b"id;nome\n1;abcdefghijklmnop\n".repeat(100));
    vec![
        case("gzip", "a.csv.gz", gzip(text), records()),
        case("zstd", "a.csv.zst", zstd(text), records()),
        case("B32 gzip of several members", "a.csv.gz", [gzip(b"id;nome\n1;"), gzip(b"a\n2;b\n")].concat(), records()),
        case("B32 zstd of several frames", "a.csv.zst", [zstd(b"id;nome\n1;"), zstd(b"a\n2;b\n")].concat(), records()),
        case("B31 gzip that is cut off", "a.csv.gz", &whole[..whole.len() / 2], refused(Refused::Corrupt)),
        case("B31 gzip without its last bytes", "a.csv.gz", &whole[..whole.len() - 4], refused(Refused::Corrupt)),
        case("B31 gzip with a wrong sum", "a.csv.gz", bad_sum, refused(Refused::Corrupt)),
        case("B31 zstd that is cut off", "a.csv.zst", &zstd_whole[..zstd_whole.len() - 4], refused(Refused::Corrupt)),
        case("an empty file where gzip should be", "a.csv.gz", "", refused(Refused::Corrupt)),
        case("B30 a bomb", "a.csv.gz", bomb, refused(Refused::InflatesTooMuch)),
        case("B35 compressed twice", "a.csv.gz", gzip(&gzip(text)), refused(Refused::UnsupportedFormat)),
        case("B36 text that is named gzip", "a.csv.gz", text, refused(Refused::ContentMismatch)),
        case("B36 gzip that is named text", "a.csv", gzip(text), refused(Refused::ContentMismatch)),
        case("gzip that is named text, declared", "a.csv", gzip(text), records()).with(json!({"compression": "gzip"})),
        case("gzip without a telling name", "export", gzip(text), records()),
    ]
}

fn contents() -> Vec<Case> {
    let mut tar = vec![b'a'; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    vec![
        case("B33 B34 a zip archive", "a.zip", "PK\x03\x04....", refused(Refused::UnsupportedFormat)),
        case("B36 a zip archive that is named csv", "a.csv", "PK\x03\x04....", refused(Refused::ContentMismatch)),
        case("B35 a tar archive in gzip", "a.tar.gz", gzip(&tar), refused(Refused::UnsupportedFormat)),
        case(
            "an old Excel file",
            "a.xls",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....".to_vec(),
            refused(Refused::UnsupportedFormat),
        ),
        case(
            "a protected workbook",
            "a.xlsx",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....".to_vec(),
            refused(Refused::ContentMismatch),
        ),
        case("a broken workbook", "a.xlsx", "PK\x03\x04....", refused(Refused::Corrupt)),
        case("an empty file that is named xlsx", "a.xlsx", "", refused(Refused::Corrupt)),
        case("an empty file that is named parquet", "a.parquet", "", refused(Refused::Corrupt)),
        case("text that is named xlsx", "a.xlsx", "id;nome\n1;a\n", refused(Refused::ContentMismatch)),
        case("text that is named parquet", "a.parquet", "id;nome\n1;a\n", refused(Refused::ContentMismatch)),
        case("broken Parquet", "a.parquet", "PAR1....PAR1", refused(Refused::Corrupt)),
        case("B36 Parquet that is named csv", "a.csv", "PAR1....PAR1", refused(Refused::ContentMismatch)),
        case(
            "B97 a login page",
            "a.csv",
            "<!DOCTYPE html><html><body>Login</body></html>",
            refused(Refused::ContentMismatch),
        ),
        case("B36 JSON Lines that are named csv", "a.csv", "{\"id\": 1}\n", refused(Refused::ContentMismatch)),
        case("delimited text without a telling name", "export.dat", "id;nome\n1;a\n", read([["1", "a"]])),
        case("JSON Lines without a telling name", "export", "{\"id\": 1}\n{\"id\": 2}\n", read([["1"], ["2"]])),
    ]
}
