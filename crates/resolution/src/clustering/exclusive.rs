//! Exclusive identifiers: a customer has at most one valid value of each type.

use vinculo_records::ListColumn;

/// What of a value excludes another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusivity {
    /// Values carry their type, as in `cpf:12345678909`; two values of one type exclude each other.
    ByType,
    /// As [`Self::ByType`], but of a CNPJ only the root (its first eight characters) counts: a company, not a branch.
    CompanyRoot,
    /// All values of the column are of one type.
    Whole,
}

/// A column of exclusive identifiers; every value in it is valid.
#[derive(Debug, Clone, Copy)]
pub struct ExclusiveColumn<'a> {
    /// The values of each record.
    pub values: &'a ListColumn,
    /// What of a value excludes another.
    pub exclusivity: Exclusivity,
}

const CNPJ: &[u8] = b"cnpj";
const CNPJ_ROOT_CHARACTERS: usize = 8;

/// One identifier: equal types and different values exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identifier<'a> {
    kind: (u8, &'a [u8]),
    value: &'a [u8],
}

/// The identifiers of the record at a position of the columns, sorted, at most one of a type: a record that names two of one type names none.
pub(super) fn identifiers<'a>(columns: &[ExclusiveColumn<'a>], position: u32) -> Vec<Identifier<'a>> {
    let mut all: Vec<Identifier<'a>> = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        let texts = column.values.range(position as usize);
        all.extend(texts.map(|i| identifier(number as u8, column.exclusivity, column.values.values().bytes(i))));
    }
    if all.len() > 1 {
        all.sort_unstable();
        all.dedup();
        let contradicted = |id: &Identifier<'_>| all.iter().filter(|other| other.kind == id.kind).count() > 1;
        return all.iter().copied().filter(|id| !contradicted(id)).collect();
    }
    all
}

fn identifier(column: u8, exclusivity: Exclusivity, text: &[u8]) -> Identifier<'_> {
    let typed = || text.iter().position(|byte| *byte == b':').map(|at| (&text[..at], &text[at + 1..]));
    let (name, value) = match exclusivity {
        Exclusivity::Whole => (&[][..], text),
        Exclusivity::ByType | Exclusivity::CompanyRoot => typed().unwrap_or((&[], text)),
    };
    let of_root = exclusivity == Exclusivity::CompanyRoot && name == CNPJ;
    let root = value.get(..CNPJ_ROOT_CHARACTERS).filter(|_| of_root);
    Identifier { kind: (column, name), value: root.unwrap_or(value) }
}

/// The values of two records, by their positions, of which no customer can have both.
pub(crate) fn excluding<'a>(column: ExclusiveColumn<'a>, left: u32, right: u32) -> Vec<(&'a str, &'a str)> {
    let text = |position: u32, of: &Identifier<'a>| {
        let mut texts = column.values.range(position as usize).map(|i| column.values.values().text(i));
        texts.find(|text| identifier(0, column.exclusivity, text.as_bytes()) == *of).unwrap_or_default()
    };
    let (own, theirs) = (identifiers(&[column], left), identifiers(&[column], right));
    let other = |own: &Identifier<'a>| {
        let other = theirs.iter().find(|other| other.kind == own.kind && other.value != own.value)?;
        Some((text(left, own), text(right, other)))
    };
    own.iter().filter_map(other).collect()
}

/// How the identifiers of two clusters stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// No type in common.
    Neutral,
    /// A value in common, and no type with two values.
    Shared,
    /// Some type with two different values.
    Different,
}

/// Compares two sorted lists with at most one value of a type.
pub(super) fn meeting(left: &[Identifier<'_>], right: &[Identifier<'_>]) -> Meeting {
    let mut meeting = Meeting::Neutral;
    let mut rest = right;
    for id in left {
        let from = rest.partition_point(|other| other.kind < id.kind);
        rest = &rest[from..];
        match rest.first() {
            Some(other) if other.kind == id.kind && other.value != id.value => return Meeting::Different,
            Some(other) if other.kind == id.kind => meeting = Meeting::Shared,
            _ => {}
        }
    }
    meeting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(exclusivity: Exclusivity, left: &[&str], right: &[&str]) -> Meeting {
        let mut values = ListColumn::default();
        for record in [left, right] {
            record.iter().for_each(|value| values.push_value(value));
            values.end_record();
        }
        let columns = [ExclusiveColumn { values: &values, exclusivity }];
        meeting(&identifiers(&columns, 0), &identifiers(&columns, 1))
    }

    #[test]
    fn values_exclude_each_other_only_within_a_type() {
        use Exclusivity::{ByType, CompanyRoot, Whole};
        let cases: [(Exclusivity, &[&str], &[&str], Meeting); 9] = [
            (ByType, &["cpf:1"], &["cpf:2"], Meeting::Different),
            (ByType, &["cpf:1"], &["cpf:1"], Meeting::Shared),
            (ByType, &["cpf:1"], &["nif:2"], Meeting::Neutral),
            (ByType, &["cpf:1"], &[], Meeting::Neutral),
            (ByType, &["cpf:1", "nif:1"], &["cpf:1", "nif:2"], Meeting::Different),
            (ByType, &["cnpj:12345678000195"], &["cnpj:12345678000276"], Meeting::Different),
            (CompanyRoot, &["cnpj:12345678000195"], &["cnpj:12345678000276"], Meeting::Shared),
            (CompanyRoot, &["cpf:12345678909"], &["cpf:12345678000"], Meeting::Different),
            (Whole, &["a:1"], &["b:1"], Meeting::Different),
        ];
        for (exclusivity, left, right, expected) in cases {
            assert_eq!(meet(exclusivity, left, right), expected, "{left:?} and {right:?}");
            assert_eq!(meet(exclusivity, right, left), expected, "{right:?} and {left:?}");
        }
    }

    #[test]
    fn a_record_that_names_two_values_of_a_type_names_none() {
        assert_eq!(meet(Exclusivity::ByType, &["cpf:1", "cpf:2"], &["cpf:3"]), Meeting::Neutral);
        assert_eq!(meet(Exclusivity::ByType, &["cpf:1", "cpf:2", "nif:1"], &["nif:2"]), Meeting::Different);
    }

    #[test]
    fn the_values_that_exclude_each_other_are_named_in_full() {
        let mut values = ListColumn::default();
        for record in [&["cpf:1", "cnpj:12345678000195"][..], &["cnpj:99945678000195", "nif:3"]] {
            record.iter().for_each(|value| values.push_value(value));
            values.end_record();
        }
        let column = ExclusiveColumn { values: &values, exclusivity: Exclusivity::CompanyRoot };
        assert_eq!(excluding(column, 0, 1), [("cnpj:12345678000195", "cnpj:99945678000195")]);
        assert_eq!(excluding(column, 0, 0), []);
    }
}
