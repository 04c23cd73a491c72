//! Bad JSON: lines, arrays, and arrays in objects.

use super::{Case, case, read, read_many, refused, rejected};
use serde_json::json;
use vinculo_connector::RefusalCode as Refused;
use vinculo_connector::RejectCode::{self, *};

pub fn lines() -> Vec<Case> {
    let line = |bad: &str| format!("{{\"id\": 1}}\n{bad}\n{{\"id\": 3}}\n");
    let deep = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    let keys = (0..10_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let one_bad = |code| rejected([["1"], ["3"]], &[(2, code)]);
    let rejects: Vec<(&'static str, String, &'static [RejectCode])> = vec![
        ("B39 twenty thousand levels", deep(20_000), &[TooDeep]),
        ("B40 a key twice", "{\"a\": 1, \"a\": 2}".into(), &[DuplicateKey]),
        ("B43 NaN", "{\"a\": NaN}".into(), &[JsonSyntax]),
        ("B43 Infinity", "{\"a\": -Infinity}".into(), &[JsonSyntax]),
        ("B45 half a surrogate pair", "{\"a\": \"\\ud800\"}".into(), &[LoneSurrogate]),
        ("B46 an escaped NUL", "{\"a\": \"\\u0000\"}".into(), &[NulByte]),
        ("B47 a trailing comma", "{\"a\": 1,}".into(), &[JsonSyntax]),
        ("B47 a comment", "{\"a\": 1} // x".into(), &[JsonSyntax]),
        ("B48 an array where an object should be", "[1, 2]".into(), &[NotAnObject]),
        ("B51 ten thousand keys", format!("{{{keys}}}"), &[TooManyColumns]),
        ("B13 a line of more than a megabyte", format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20)), &[RecordTooLong]),
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
            "B49 the last line is cut off",
            "a.jsonl",
            "{\"id\": 1}\n{\"id\": \"a",
            rejected([["1"]], &[(2, &[Truncated])]),
        ),
        case("B41 a number beyond every float", "a.jsonl", "{\"id\": 1e200000}\n", read([["1e200000"]])),
        case("B42 a number beyond a double", "a.jsonl", "{\"id\": 1e400}\n", read([["1e400"]])),
        case(
            "B44 an id of more digits than a double has",
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

pub fn arrays() -> Vec<Case> {
    vec![
        case(
            "an array over several lines",
            "a.json",
            "[\n {\"id\": 1},\n {\"id\": \"a]b\\\"\"}\n]\n",
            read([["1"], ["a]b\""]]),
        ),
        case("B47 a trailing comma", "a.json", "[{\"id\": 1},]", rejected([["1"]], &[(2, &[JsonSyntax])])),
        case(
            "B48 elements that are no objects",
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
            "B50 an element of more than a megabyte",
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

pub fn wrapped_arrays() -> Vec<Case> {
    vec![
        case(
            "an object around the array",
            "a.json",
            "{\"total\": 2, \"data\": [{\"id\": 1}, {\"id\": 2}], \"next\": null}\n",
            read([["1"], ["2"]]),
        ),
        case(
            "objects around the array, over several lines",
            "a.json",
            "{\n \"d\": {\n  \"results\": [\n {\"id\": 1}\n ]\n }\n}\n",
            read([["1"]]),
        ),
        case("an object around the array, of no telling name", "export", "{\"data\": [{\"id\": 1}]}", read([["1"]])),
        case(
            "which of two arrays holds the records must be said",
            "a.json",
            "{\"data\": [{\"id\": 1}], \"errors\": [{\"id\": 2}]}",
            refused(Refused::JsonStructure),
        ),
        case(
            "one of two arrays, declared",
            "a.json",
            "{\"data\": [{\"id\": 1}], \"errors\": [{\"id\": 2}]}",
            read([["1"]]),
        )
        .with(json!({"records_at": "data"})),
        case(
            "an array that is declared and not there",
            "a.json",
            "{\"data\": [{\"id\": 1}]}",
            refused(Refused::JsonStructure),
        )
        .with(json!({"records_at": "rows"})),
        case("an empty array, declared", "a.json", "{\"data\": []}", refused(Refused::NoRecords))
            .with(json!({"records_at": "data"})),
        case(
            "B49 an object around the array that is cut off",
            "a.json",
            "{\"data\": [{\"id\": 1}], \"n\"",
            refused(Refused::Corrupt),
        ),
        case(
            "something behind the object around the array",
            "a.json",
            "{\"data\": [{\"id\": 1}]} x",
            refused(Refused::JsonStructure),
        ),
        case(
            "a second array behind more than a megabyte of the first",
            "a.json",
            format!("{{\"data\": [{}], \"more\": [{{\"id\": 2}}]}}", vec!["{\"id\": 1}"; 150_000].join(",")),
            refused(Refused::JsonStructure),
        ),
        case(
            "lines with an array each keep it",
            "a.json",
            "{\"id\": 1, \"t\": [{}]}\n{\"id\": 2, \"t\": [{}]}\n",
            read([["1", "[{}]"], ["2", "[{}]"]]),
        ),
        case(
            "one line that is named jsonl is one record",
            "a.jsonl",
            "{\"id\": 1, \"t\": [{}]}\n",
            read([["1", "[{}]"]]),
        ),
        case(
            "B50 an array of more than a window",
            "a.json",
            format!("[{}]", vec!["{\"id\": 1, \"x\": null}"; 100_000].join(",")),
            read_many("1", 100_000),
        ),
    ]
}
