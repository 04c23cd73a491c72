//! Bad delimited text: cells, delimiters, encodings, headers, and how it ends.

use super::{Case, case, read, refused, rejected};
use crate::harness::{utf_16be, utf_16le, windows_1252};
use serde_json::json;
use vinculo_connector::RefusalCode as Refused;
use vinculo_connector::RejectCode::*;

pub fn delimited() -> Vec<Case> {
    let long = |length: usize| format!("id;nome\n1;{}\n2;b\n", "x".repeat(length));
    vec![
        case("B1 too few cells", "a.csv", "id;nome\n1\n2;b\n", rejected([["2", "b"]], &[(2, &[ColumnCount])])),
        case(
            "B2 too many cells are never shifted",
            "a.csv",
            "id;nome\n1;a;x\n2;b\n",
            rejected([["2", "b"]], &[(2, &[ColumnCount])]),
        ),
        case("B3 a line break in quotes", "a.csv", "id;nome\n1;\"a\nb\"\n2;c\n", read([["1", "a\nb"], ["2", "c"]])),
        case("B4 a doubled quote", "a.csv", "id;nome\n1;\"a \"\"b\"\"\"\n", read([["1", "a \"b\""]])),
        case(
            "B5 a bare quote in an unquoted cell",
            "a.csv",
            "id;nome\n1;5\" disk\n2;b\n",
            read([["1", "5\" disk"], ["2", "b"]]),
        ),
        case(
            "B5 text behind a closing quote",
            "a.csv",
            "id;nome\n1;\"a\"b\n2;c\n",
            rejected([["2", "c"]], &[(2, &[TextAfterQuote])]),
        ),
        case(
            "B6 a quote unclosed at the end",
            "a.csv",
            "id;nome\n1;a\n2;\"b\n3;c\n",
            rejected([["1", "a"]], &[(3, &[UnclosedQuote])]),
        ),
        case(
            "B6 an unclosed quote that swallows more than a megabyte",
            "a.csv",
            format!("id;nome\n1;\"a\n{}", "2;b\n".repeat(300_000)),
            refused(Refused::UnclosedQuote),
        )
        .with(json!({"delimiter": ";"})),
        case(
            "B13 a line of more than a megabyte",
            "a.csv",
            long(1 << 21),
            rejected([["2", "b"]], &[(2, &[RecordTooLong])]),
        )
        .with(json!({"delimiter": ";"})),
        case("B12 a NUL byte", "a.csv", "id;nome\n1;a\0b\n2;b\n", rejected([["2", "b"]], &[(2, &[NulByte])])),
        case(
            "all faults at once",
            "a.csv",
            "id;nome\n\"1\"x;a\0;z\n2;b\n",
            rejected([["2", "b"]], &[(2, &[TextAfterQuote, ColumnCount, NulByte])]),
        ),
        case("B14 the wrong delimiter", "a.csv", "id;nome\n1;a\n", refused(Refused::WrongDelimiter))
            .with(json!({"delimiter": ","})),
        case("B14 no delimiter remains", "a.csv", "name\nSilva, Ana\nSouza; Rui\n", refused(Refused::UnknownDelimiter)),
        case("B14 two delimiters remain", "a.csv", "a,b;c\n1,2;3\n", refused(Refused::UnknownDelimiter)),
        case(
            "B15 decimal commas between semicolons",
            "a.csv",
            "id;valor\n1;1,50\n2;2,75\n",
            read([["1", "1,50"], ["2", "2,75"]]),
        ),
        case("B14 one column", "a.csv", "nome\nAna\nRui\n", read([["Ana"], ["Rui"]])),
        case(
            "B22 mixed line ends",
            "a.csv",
            "id;nome\r\n1;a\n2;b\r3;c\r\n",
            read([["1", "a"], ["2", "b"], ["3", "c"]]),
        ),
        case("B22 CR alone", "a.csv", "id;nome\r1;a\r2;b\r", read([["1", "a"], ["2", "b"]])),
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
            "B27 a line with the total",
            "a.csv",
            "id;nome\n1;a\n2;b\nTotal: 2\n",
            rejected([["1", "a"], ["2", "b"]], &[(4, &[ColumnCount])]),
        ),
        case("tabs", "a.tsv", "id\tnome\n1\ta,b\n", read([["1", "a,b"]])),
        case("quotes that are none", "a.csv", "id;nome\n1;\"a\n2;b\"\n", read([["1", "\"a"], ["2", "b\""]]))
            .with(json!({"quote": "none"})),
        case(
            "B89 formulas stay what they are",
            "a.csv",
            "id;nome\n1;=cmd|' /C calc'!A0\n",
            read([["1", "=cmd|' /C calc'!A0"]]),
        ),
    ]
}

pub fn delimiters() -> Vec<Case> {
    let whole_lines = "\"id;nome;email\"\n\"1;a;b\"\n\"2;c;d\"\n";
    vec![
        case(
            "B14 a declared delimiter that the header has by chance",
            "a.csv",
            "nome, completo;cpf;cidade\nAna;1;Rio\nEva;2;Rio\n",
            refused(Refused::WrongDelimiter),
        )
        .with(json!({"delimiter": ","})),
        case(
            "B14 an unusual delimiter is asked for",
            "a.csv",
            "id^nome\n1^a\n2^b\n",
            refused(Refused::UnknownDelimiter),
        ),
        case("B14 an unusual delimiter, declared", "a.csv", "id^nome\n1^a\n", read([["1", "a"]]))
            .with(json!({"delimiter": "^"})),
        case("B14 every line in quotes as a whole", "a.csv", whole_lines, refused(Refused::WrongDelimiter)),
        case(
            "B14 a header of one column with a comma, as declared",
            "a.csv",
            "\"nome, sobrenome\"\nAna\n",
            read([["Ana"]]),
        )
        .with(json!({"header": true})),
        case("B14 times in one column are no cells", "a.csv", "hora\n10:30\n11:45\n", read([["10:30"], ["11:45"]])),
    ]
}

pub fn encodings() -> Vec<Case> {
    let text = "id;nome\n1;João\n2;Conceição\n";
    let records = || read([["1", "João"], ["2", "Conceição"]]);
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let late = format!("id;nome\n{}9;", "1;a\n".repeat(300_000));
    vec![
        case("B7 UTF-8 with a mark", "a.csv", marked(b"\xEF\xBB\xBF", text.into()), records()),
        case("B8 UTF-16 with a mark", "a.csv", marked(b"\xFF\xFE", utf_16le(text)), records()),
        case("B8 UTF-16, the other way round", "a.csv", marked(b"\xFE\xFF", utf_16be(text)), records()),
        case("B8 UTF-16 without a mark", "a.csv", utf_16le(text), refused(Refused::UnknownEncoding)),
        case("B8 UTF-16 without a mark, declared", "a.csv", utf_16be(text), records())
            .with(json!({"encoding": "utf-16be"})),
        case(
            "B8 half a surrogate pair",
            "a.csv",
            marked(b"\xFF\xFE", [utf_16le("id;nome\n1;a"), vec![0, 0xD8], utf_16le("\n2;b\n")].concat()),
            rejected([["2", "b"]], &[(2, &[Encoding])]),
        ),
        case(
            "B8 UTF-16 that ends within a character",
            "a.csv",
            marked(b"\xFF\xFE", [utf_16le("id;nome\n1;a\n2;b"), vec![0x41]].concat()),
            rejected([["1", "a"]], &[(3, &[Encoding])]),
        ),
        case("B9 Windows-1252, clearly", "a.csv", windows_1252(text), records()),
        case("B9 Windows-1252, declared as Latin-1", "a.csv", windows_1252(text), records())
            .with(json!({"encoding": "latin1"})),
        case(
            "B9 a byte that Windows-1252 does not use",
            "a.csv",
            b"id;nome\n1;Jo\xE3o\n2;a\x81\n".to_vec(),
            rejected([["1", "João"]], &[(3, &[Encoding])]),
        )
        .with(json!({"encoding": "windows-1252"})),
        case(
            "B9 code page 850",
            "a.csv",
            b"id;nome\n1;Jo\xC6o\n2;Concei\x87\xC6o\n".to_vec(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "B8 the mark contradicts the declaration",
            "a.csv",
            marked(b"\xFF\xFE", utf_16le(text)),
            refused(Refused::UnknownEncoding),
        )
        .with(json!({"encoding": "utf-8"})),
        case("B10 text that was decoded wrongly before is kept", "a.csv", "id;nome\n1;JoÃ£o\n", read([["1", "JoÃ£o"]])),
        case(
            "B11 lines of another encoding",
            "a.csv",
            [text.as_bytes(), b"3;Jos\xE9\n"].concat(),
            rejected([["1", "João"], ["2", "Conceição"]], &[(4, &[Encoding])]),
        )
        .with(json!({"encoding": "utf-8"})),
        case(
            "B11 a broken line has its other faults told too",
            "a.csv",
            [text.as_bytes(), b"Jos\xE9\n"].concat(),
            rejected([["1", "João"], ["2", "Conceição"]], &[(4, &[Encoding, ColumnCount])]),
        )
        .with(json!({"encoding": "utf-8"})),
        case(
            "B11 two encodings, evenly",
            "a.csv",
            [text.as_bytes(), b"3;Jos\xE9\n"].concat(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "B9 the first accent comes after the first megabyte",
            "a.csv",
            [late.as_bytes(), b"Jos\xE9\n"].concat(),
            refused(Refused::UnknownEncoding),
        ),
        case(
            "B54 direction marks and joiners stay",
            "a.csv",
            "id;nome\n1;a\u{202E}b\u{200D}\u{FEFF}c\n",
            read([["1", "a\u{202E}b\u{200D}\u{FEFF}c"]]),
        ),
    ]
}

pub fn headers() -> Vec<Case> {
    vec![
        case("B16 a name twice", "a.csv", "id;nome;id\n1;a;2\n", refused(Refused::DuplicateHeader)),
        case("B16 a name twice but for blanks", "a.csv", "id; id\n1;a\n", refused(Refused::DuplicateHeader)),
        case(
            "B21 a record where the header should be",
            "a.csv",
            "1;ana@loja.com\n2;rui@loja.com\n",
            refused(Refused::NoHeader),
        ),
        case("B21 no header, as declared", "a.csv", "1;a\n2;b\n", read([["1", "a"], ["2", "b"]]))
            .with(json!({"header": false})),
        case("B21 no header, columns declared", "a.csv", "1;a\n2;b\n", read([["1", "a"], ["2", "b"]]))
            .with(json!({"columns": ["id", "nome"]})),
        case("a header of numbers, as declared", "a.csv", "2023;2024\n1;2\n", read([["1", "2"]]))
            .with(json!({"header": true})),
        case("B18 B19 further columns, and another order", "a.csv", "novo;nome;id\nx;a;1\n", read([["x", "a", "1"]])),
        case(
            "B20 a header with blanks, a no-break space and a mark",
            "a.csv",
            "\u{FEFF} id ;\u{A0}nome\u{A0}\n1;a\n",
            read([["1", "a"]]),
        ),
        case("B25 a header only", "a.csv", "id;nome\n", refused(Refused::NoRecords)),
        case("B25 a header only, accepted", "a.csv", "id;nome\n", read::<0, 0>([])).with(json!({"empty": "accept"})),
        case("B24 an empty file", "a.csv", "", refused(Refused::NoRecords)),
        case("B24 an empty file, accepted", "a.csv", "", read::<0, 0>([])).with(json!({"empty": "accept"})),
        case("nothing but the line that Excel writes", "a.csv", "sep=;\r\n", refused(Refused::NoRecords)),
        case("blank lines only", "a.csv", "\n\r\n", refused(Refused::NoRecords)),
    ]
}

pub fn titles() -> Vec<Case> {
    let text = "Clientes, ativos\nGerado em 01/02/2024\n\nid;nome;uf\n1;a;SP\n2;b;RJ\n";
    vec![
        case("a title above the header", "a.csv", text, read([["1", "a", "SP"], ["2", "b", "RJ"]])),
        case(
            "a title padded as spreadsheets do",
            "a.csv",
            "Clientes;;\nid;nome;uf\n1;a;SP\n",
            read([["1", "a", "SP"]]),
        ),
        case("title lines, declared", "a.csv", "a;b\nid;nome\n1;x\n", read([["1", "x"]]))
            .with(json!({"title_lines": 1})),
        case(
            "a line of one cell above two columns may be a record",
            "a.csv",
            "Clientes\nid;nome\n1;x\n",
            refused(Refused::UnknownDelimiter),
        ),
        case(
            "a header of one name above rows of one cell is no title",
            "a.csv",
            "nome;\nAna;\nEva;\n",
            read([["Ana"], ["Eva"]]),
        )
        .with(json!({"delimiter": ";"})),
        case(
            "a place after titles is told by its line",
            "a.csv",
            "Clientes\nid;nome;uf\n1;a;SP\n2;b\n3;c;RJ\n4;d;RJ\n5;e;RJ\n",
            rejected([["1", "a", "SP"], ["3", "c", "RJ"], ["4", "d", "RJ"], ["5", "e", "RJ"]], &[(4, &[ColumnCount])]),
        ),
    ]
}

pub fn ends() -> Vec<Case> {
    vec![
        case(
            "B29 the file changes while it is read",
            "a.csv",
            "id;nome\n1;a\n2;b\n",
            refused(Refused::ChangedWhileRead),
        )
        .then("id;nome\n1;a\n2;b\n3;c\n"),
        case(
            "B27 a total of as many cells is a record like any other",
            "a.csv",
            "id;nome\n1;a\nTotal;1\n",
            read([["1", "a"], ["Total", "1"]]),
        ),
        case(
            "B23 the last line is cut off",
            "a.csv",
            "id;nome\n1;a\n2",
            rejected([["1", "a"]], &[(3, &[ColumnCount, Truncated])]),
        ),
        case("the last line has no line end", "a.csv", "id;nome\n1;a\n2;b", read([["1", "a"], ["2", "b"]])),
        case("B28 Ctrl-Z at the end", "a.csv", "id;nome\n1;a\n\x1A", read([["1", "a"]])),
        case("Ctrl-Z in the middle stays", "a.csv", "id;nome\n1;a\x1Ab\n", read([["1", "a\x1Ab"]])),
        case("B28 NULs at the end", "a.csv", format!("id;nome\n1;a{}", "\0".repeat(512)), read([["1", "a"]])),
        case(
            "B28 megabytes of NULs at the end",
            "a.csv",
            format!("id;nome\n1;a\n{}", "\0".repeat(3 << 20)),
            read([["1", "a"]]),
        ),
    ]
}
