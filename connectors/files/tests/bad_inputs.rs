//! What becomes of every kind of bad file: accepted as it was meant, rejected record by record, or refused.

use crate::harness::{Folder, gzip, utf_16be, utf_16le, windows_1252, with_path, zstd};
use serde_json::{Value, json};
use vinculo_connector::RefusalCode as Refused;
use vinculo_connector::RejectCode::{self, *};

/// One bad file and what must become of it.
struct Case {
    rule: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    options: Value,
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

fn refused(code: Refused) -> Outcome {
    Outcome::Refused(code)
}

fn case(rule: &'static str, file: &'static str, bytes: impl Into<Vec<u8>>, outcome: Outcome) -> Case {
    let options = json!({});
    Case { rule, file, bytes: bytes.into(), options, outcome }
}

impl Case {
    fn with(self, options: Value) -> Self {
        Self { options, ..self }
    }
}

#[test]
fn every_bad_file_is_accepted_rejected_or_refused_as_the_rules_say() {
    let groups = [delimited(), encodings(), headers(), ends(), compressed(), contents(), json_lines(), json_arrays()];
    let failures: Vec<_> = groups.into_iter().flatten().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} rules are broken:\n{}", failures.len(), failures.join("\n"));
}

fn check(case: Case) -> Result<(), String> {
    let rule = case.rule;
    let folder = Folder::with(case.file, &case.bytes);
    let outcome = folder.read(&with_path(&case.options, case.file));
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

fn delimited() -> Vec<Case> {
    let long = |length: usize| format!("id;nome\n1;{}\n2;b\n", "x".repeat(length));
    vec![
        case("too few cells", "a.csv", "id;nome\n1\n2;b\n", rejected([["2", "b"]], &[(2, &[ColumnCount])])),
        case(
            "too many cells are never shifted",
            "a.csv",
            "id;nome\n1;a;x\n2;b\n",
            rejected([["2", "b"]], &[(2, &[ColumnCount])]),
        ),
        case("a line break in quotes", "a.csv", "id;nome\n1;\"a\nb\"\n2;c\n", read([["1", "a\nb"], ["2", "c"]])),
        case("a doubled quote", "a.csv", "id;nome\n1;\"a \"\"b\"\"\"\n", read([["1", "a \"b\""]])),
        case(
            "a bare quote in an unquoted cell",
            "a.csv",
            "id;nome\n1;5\" disk\n2;b\n",
            read([["1", "5\" disk"], ["2", "b"]]),
        ),
        case(
            "text behind a closing quote",
            "a.csv",
            "id;nome\n1;\"a\"b\n2;c\n",
            rejected([["2", "c"]], &[(2, &[TextAfterQuote])]),
        ),
        case(
            "a quote unclosed at the end",
            "a.csv",
            "id;nome\n1;a\n2;\"b\n3;c\n",
            rejected([["1", "a"]], &[(3, &[UnclosedQuote])]),
        ),
        case(
            "an unclosed quote that swallows more than a megabyte",
            "a.csv",
            format!("id;nome\n1;\"a\n{}", "2;b\n".repeat(300_000)),
            refused(Refused::UnclosedQuote),
        )
        .with(json!({"delimiter": ";"})),
        case(
            "a line of more than a megabyte",
            "a.csv",
            long(1 << 21),
            rejected([["2", "b"]], &[(2, &[RecordTooLong])]),
        )
        .with(json!({"delimiter": ";"})),
        case("a NUL byte", "a.csv", "id;nome\n1;a\0b\n2;b\n", rejected([["2", "b"]], &[(2, &[NulByte])])),
        case(
            "all faults at once",
            "a.csv",
            "id;nome\n\"1\"x;a\0;z\n2;b\n",
            rejected([["2", "b"]], &[(2, &[TextAfterQuote, ColumnCount, NulByte])]),
        ),
        case("the wrong delimiter", "a.csv", "id;nome\n1;a\n", refused(Refused::WrongDelimiter))
            .with(json!({"delimiter": ","})),
        case("no delimiter remains", "a.csv", "name\nSilva, Ana\nSouza; Rui\n", refused(Refused::UnknownDelimiter)),
        case("two delimiters remain", "a.csv", "a,b;c\n1,2;3\n", refused(Refused::UnknownDelimiter)),
        case(
            "decimal commas between semicolons",
            "a.csv",
            "id;valor\n1;1,50\n2;2,75\n",
            read([["1", "1,50"], ["2", "2,75"]]),
        ),
        case("one column", "a.csv", "nome\nAna\nRui\n", read([["Ana"], ["Rui"]])),
        case("mixed line ends", "a.csv", "id;nome\r\n1;a\n2;b\r3;c\r\n", read([["1", "a"], ["2", "b"], ["3", "c"]])),
        case("CR alone", "a.csv", "id;nome\r1;a\r2;b\r", read([["1", "a"], ["2", "b"]])),
        case(
            "blank lines are no records but lines",
            "a.csv",
            "\nid;nome\n\n1;a\n\r\n2\n",
            rejected([["1", "a"]], &[(6, &[ColumnCount])]),
        ),
        case("a delimiter behind every row", "a.csv", "id;nome;\n1;a;\n2;b;\n", read([["1", "a"], ["2", "b"]])),
        case("a delimiter behind rows only", "a.csv", "id;nome\n1;a;\n2;b;\n", read([["1", "a"], ["2", "b"]])),
        case("the delimiter that Excel notes", "a.csv", "sep=|\r\nid|nome\r\n1|a,b;c\r\n", read([["1", "a,b;c"]])),
        case(
            "a line with the total",
            "a.csv",
            "id;nome\n1;a\n2;b\nTotal: 2\n",
            rejected([["1", "a"], ["2", "b"]], &[(4, &[ColumnCount])]),
        ),
        case("tabs", "a.tsv", "id\tnome\n1\ta,b\n", read([["1", "a,b"]])),
        case("quotes that are none", "a.csv", "id;nome\n1;\"a\n2;b\"\n", read([["1", "\"a"], ["2", "b\""]]))
            .with(json!({"quote": "none"})),
        case(
            "formulas stay what they are",
            "a.csv",
            "id;nome\n1;=cmd|' /C calc'!A0\n",
            read([["1", "=cmd|' /C calc'!A0"]]),
        ),
    ]
}

fn encodings() -> Vec<Case> {
    let text = "id;nome\n1;João\n2;Conceição\n";
    let records = || read([["1", "João"], ["2", "Conceição"]]);
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let late = format!("id;nome\n{}9;", "1;a\n".repeat(300_000));
    vec![
        case("UTF-8 with a mark", "a.csv", marked(b"\xEF\xBB\xBF", text.into()), records()),
        case("UTF-16 with a mark", "a.csv", marked(b"\xFF\xFE", utf_16le(text)), records()),
        case("UTF-16, the other way round", "a.csv", marked(b"\xFE\xFF", utf_16be(text)), records()),
        case("UTF-16 without a mark", "a.csv", utf_16le(text), refused(Refused::UnknownEncoding)),
        case("UTF-16 without a mark, declared", "a.csv", utf_16be(text), records())
            .with(json!({"encoding": "utf-16be"})),
        case(
            "half a surrogate pair",
            "a.csv",
            marked(b"\xFF\xFE", [utf_16le("id;nome\n1;a"), vec![0, 0xD8], utf_16le("\n2;b\n")].concat()),
            rejected([["2", "b"]], &[(2, &[Encoding])]),
        ),
        case(
            "UTF-16 that ends within a character",
            "a.csv",
            marked(b"\xFF\xFE", [utf_16le("id;nome\n1;a\n2;b"), vec![0x41]].concat()),
            rejected([["1", "a"]], &[(3, &[Encoding])]),
        ),
        case("Windows-1252, clearly", "a.csv", windows_1252(text), records()),
        case("Windows-1252, declared as Latin-1", "a.csv", windows_1252(text), records())
            .with(json!({"encoding": "latin1"})),
        case(
            "a byte that Windows-1252 does not use",
            "a.csv",
            b"id;nome\n1;Jo\xE3o\n2;a\x81\n".to_vec(),
            rejected([["1", "João"]], &[(3, &[Encoding])]),
        )
        .with(json!({"encoding": "windows-1252"})),
        case(
            "code page 850",
            "a.csv",
            b"id;nome\n1;Jo\xC6o\n2;Concei\x87\xC6o\n".to_vec(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "the mark contradicts the declaration",
            "a.csv",
            marked(b"\xFF\xFE", utf_16le(text)),
            refused(Refused::UnknownEncoding),
        )
        .with(json!({"encoding": "utf-8"})),
        case("text that was decoded wrongly before is kept", "a.csv", "id;nome\n1;JoÃ£o\n", read([["1", "JoÃ£o"]])),
        case(
            "lines of another encoding",
            "a.csv",
            [text.as_bytes(), b"3;Jos\xE9\n"].concat(),
            rejected([["1", "João"], ["2", "Conceição"]], &[(4, &[Encoding])]),
        )
        .with(json!({"encoding": "utf-8"})),
        case(
            "a broken line has its other faults told too",
            "a.csv",
            [text.as_bytes(), b"Jos\xE9\n"].concat(),
            rejected([["1", "João"], ["2", "Conceição"]], &[(4, &[Encoding, ColumnCount])]),
        )
        .with(json!({"encoding": "utf-8"})),
        case(
            "two encodings, evenly",
            "a.csv",
            [text.as_bytes(), b"3;Jos\xE9\n"].concat(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "the first accent comes after the first megabyte",
            "a.csv",
            [late.as_bytes(), b"Jos\xE9\n"].concat(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "direction marks and joiners stay",
            "a.csv",
            "id;nome\n1;a\u{202E}b\u{200D}\u{FEFF}c\n",
            read([["1", "a\u{202E}b\u{200D}\u{FEFF}c"]]),
        ),
    ]
}

fn headers() -> Vec<Case> {
    vec![
        case("a name twice", "a.csv", "id;nome;id\n1;a;2\n", refused(Refused::DuplicateHeader)),
        case("a name twice but for blanks", "a.csv", "id; id\n1;a\n", refused(Refused::DuplicateHeader)),
        case(
            "a record where the header should be",
            "a.csv",
            "1;ana@loja.com\n2;rui@loja.com\n",
            refused(Refused::NoHeader),
        ),
        case("no header, as declared", "a.csv", "1;a\n2;b\n", read([["1", "a"], ["2", "b"]]))
            .with(json!({"header": false})),
        case("no header, columns declared", "a.csv", "1;a\n2;b\n", read([["1", "a"], ["2", "b"]]))
            .with(json!({"columns": ["id", "nome"]})),
        case("a header of numbers, as declared", "a.csv", "2023;2024\n1;2\n", read([["1", "2"]]))
            .with(json!({"header": true})),
        case("a header only", "a.csv", "id;nome\n", refused(Refused::NoRecords)),
        case("a header only, accepted", "a.csv", "id;nome\n", read::<0, 0>([])).with(json!({"empty": "accept"})),
        case("an empty file", "a.csv", "", refused(Refused::NoRecords)),
        case("an empty file, accepted", "a.csv", "", read::<0, 0>([])).with(json!({"empty": "accept"})),
        case("nothing but the line that Excel writes", "a.csv", "sep=;\r\n", refused(Refused::NoRecords)),
        case("blank lines only", "a.csv", "\n\r\n", refused(Refused::NoRecords)),
    ]
}

fn ends() -> Vec<Case> {
    vec![
        case(
            "the last line is cut off",
            "a.csv",
            "id;nome\n1;a\n2",
            rejected([["1", "a"]], &[(3, &[ColumnCount, Truncated])]),
        ),
        case("the last line has no line end", "a.csv", "id;nome\n1;a\n2;b", read([["1", "a"], ["2", "b"]])),
        case("Ctrl-Z at the end", "a.csv", "id;nome\n1;a\n\x1A", read([["1", "a"]])),
        case("Ctrl-Z in the middle stays", "a.csv", "id;nome\n1;a\x1Ab\n", read([["1", "a\x1Ab"]])),
        case("NULs at the end", "a.csv", format!("id;nome\n1;a{}", "\0".repeat(512)), read([["1", "a"]])),
        case(
            "megabytes of NULs at the end",
            "a.csv",
            format!("id;nome\n1;a\n{}", "\0".repeat(3 << 20)),
            read([["1", "a"]]),
        ),
    ]
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
        case("gzip of several members", "a.csv.gz", [gzip(b"id;nome\n1;"), gzip(b"a\n2;b\n")].concat(), records()),
        case("zstd of several frames", "a.csv.zst", [zstd(b"id;nome\n1;"), zstd(b"a\n2;b\n")].concat(), records()),
        case("gzip that is cut off", "a.csv.gz", &whole[..whole.len() / 2], refused(Refused::Corrupt)),
        case("gzip without its last bytes", "a.csv.gz", &whole[..whole.len() - 4], refused(Refused::Corrupt)),
        case("gzip with a wrong sum", "a.csv.gz", bad_sum, refused(Refused::Corrupt)),
        case("zstd that is cut off", "a.csv.zst", &zstd_whole[..zstd_whole.len() - 4], refused(Refused::Corrupt)),
        case("an empty file where gzip should be", "a.csv.gz", "", refused(Refused::Corrupt)),
        case("a bomb", "a.csv.gz", bomb, refused(Refused::InflatesTooMuch)),
        case("compressed twice", "a.csv.gz", gzip(&gzip(text)), refused(Refused::UnsupportedFormat)),
        case("text that is named gzip", "a.csv.gz", text, refused(Refused::ContentMismatch)),
        case("gzip that is named text", "a.csv", gzip(text), refused(Refused::ContentMismatch)),
        case("gzip that is named text, declared", "a.csv", gzip(text), records()).with(json!({"compression": "gzip"})),
        case("gzip without a telling name", "export", gzip(text), records()),
    ]
}

fn contents() -> Vec<Case> {
    let mut tar = vec![b'a'; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    vec![
        case("a zip archive", "a.zip", "PK\x03\x04....", refused(Refused::UnsupportedFormat)),
        case("a zip archive that is named csv", "a.csv", "PK\x03\x04....", refused(Refused::ContentMismatch)),
        case("a tar archive in gzip", "a.tar.gz", gzip(&tar), refused(Refused::UnsupportedFormat)),
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
        case("text that is named xlsx", "a.xlsx", "id;nome\n1;a\n", refused(Refused::ContentMismatch)),
        case("text that is named parquet", "a.parquet", "id;nome\n1;a\n", refused(Refused::ContentMismatch)),
        case("broken Parquet", "a.parquet", "PAR1....PAR1", refused(Refused::Corrupt)),
        case("Parquet that is named csv", "a.csv", "PAR1....PAR1", refused(Refused::ContentMismatch)),
        case(
            "a login page",
            "a.csv",
            "<!DOCTYPE html><html><body>Login</body></html>",
            refused(Refused::ContentMismatch),
        ),
        case("JSON Lines that are named csv", "a.csv", "{\"id\": 1}\n", refused(Refused::ContentMismatch)),
        case("delimited text without a telling name", "export.dat", "id;nome\n1;a\n", read([["1", "a"]])),
        case("JSON Lines without a telling name", "export", "{\"id\": 1}\n{\"id\": 2}\n", read([["1"], ["2"]])),
    ]
}

fn json_lines() -> Vec<Case> {
    let line = |bad: &str| format!("{{\"id\": 1}}\n{bad}\n{{\"id\": 3}}\n");
    let deep = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    let keys = (0..10_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let one_bad = |code| rejected([["1"], ["3"]], &[(2, code)]);
    let rejects: Vec<(&'static str, String, &'static [RejectCode])> = vec![
        ("twenty thousand levels", deep(20_000), &[TooDeep]),
        ("a key twice", "{\"a\": 1, \"a\": 2}".into(), &[DuplicateKey]),
        ("NaN", "{\"a\": NaN}".into(), &[JsonSyntax]),
        ("Infinity", "{\"a\": -Infinity}".into(), &[JsonSyntax]),
        ("half a surrogate pair", "{\"a\": \"\\ud800\"}".into(), &[LoneSurrogate]),
        ("an escaped NUL", "{\"a\": \"\\u0000\"}".into(), &[NulByte]),
        ("a trailing comma", "{\"a\": 1,}".into(), &[JsonSyntax]),
        ("a comment", "{\"a\": 1} // x".into(), &[JsonSyntax]),
        ("an array where an object should be", "[1, 2]".into(), &[NotAnObject]),
        ("ten thousand keys", format!("{{{keys}}}"), &[TooManyColumns]),
        ("a line of more than a megabyte", format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20)), &[RecordTooLong]),
        (
            "several faults",
            "{\"a\": \"\\ud800\", \"b\": \"\\u0000\", \"b\": 1}".into(),
            &[LoneSurrogate, NulByte, DuplicateKey],
        ),
    ];
    let mut cases: Vec<_> =
        rejects.into_iter().map(|(rule, bad, codes)| case(rule, "a.jsonl", line(&bad), one_bad(codes))).collect();
    cases.extend([
        case(
            "the last line is cut off",
            "a.jsonl",
            "{\"id\": 1}\n{\"id\": \"a",
            rejected([["1"]], &[(2, &[Truncated])]),
        ),
        case("a number beyond every float", "a.jsonl", "{\"id\": 1e200000}\n", read([["1e200000"]])),
        case("a number beyond a double", "a.jsonl", "{\"id\": 1e400}\n", read([["1e400"]])),
        case(
            "an id of more digits than a double has",
            "a.jsonl",
            "{\"id\": 9007199254740993}\n",
            read([["9007199254740993"]]),
        ),
        case("an array that is named jsonl", "a.jsonl", "[{\"id\": 1}]", refused(Refused::ContentMismatch)),
        case("a broken first line", "a.jsonl", "{\"id\": \n{\"id\": 2}\n", rejected([["2"]], &[(1, &[Truncated])])),
        case("an object over several lines", "a.json", "{\n \"id\": 1\n}\n", refused(Refused::JsonStructure)),
        case("lines that are named json", "a.json", "{\"id\": 1}\n{\"id\": 2}\n", read([["1"], ["2"]])),
        case("no JSON at all", "a.json", "id;nome\n1;a\n", refused(Refused::JsonStructure)),
    ]);
    cases
}

fn json_arrays() -> Vec<Case> {
    vec![
        case(
            "an array over several lines",
            "a.json",
            "[\n {\"id\": 1},\n {\"id\": \"a]b\\\"\"}\n]\n",
            read([["1"], ["a]b\""]]),
        ),
        case("a trailing comma", "a.json", "[{\"id\": 1},]", rejected([["1"]], &[(2, &[JsonSyntax])])),
        case(
            "elements that are no objects",
            "a.json",
            "[{\"id\": 1}, [2], 3]",
            rejected([["1"]], &[(2, &[NotAnObject]), (3, &[NotAnObject])]),
        ),
        case(
            "a broken element",
            "a.json",
            "[{\"id\": 1}, {\"id\" 2}, {\"id\": 3}]",
            rejected([["1"], ["3"]], &[(2, &[JsonSyntax])]),
        ),
        case(
            "an element of more than a megabyte",
            "a.json",
            format!("[{{\"id\": \"{}\"}}, {{\"id\": 2}}]", "x".repeat(2 << 20)),
            rejected([["2"]], &[(1, &[RecordTooLong])]),
        ),
        case("an array that is cut off", "a.json", "[{\"id\": 1}, {\"id\": 2}", refused(Refused::Corrupt)),
        case("an array that is cut off within an element", "a.json", "[{\"id\": 1}, {\"id", refused(Refused::Corrupt)),
        case("something behind the array", "a.json", "[{\"id\": 1}] [{\"id\": 2}]", refused(Refused::JsonStructure)),
        case("NULs behind the array", "a.json", "[{\"id\": 1}]\n\0\0", read([["1"]])),
        case("brackets that do not fit", "a.json", "[{\"id\": 1}}]", refused(Refused::JsonStructure)),
        case("an empty array", "a.json", "[]", refused(Refused::NoRecords)),
        case("an empty array, accepted", "a.json", " [ ] ", read::<0, 0>([])).with(json!({"empty": "accept"})),
        case("an object where an array is declared", "a.json", "{\"id\": 1}\n", refused(Refused::JsonStructure))
            .with(json!({"format": "json"})),
    ]
}
