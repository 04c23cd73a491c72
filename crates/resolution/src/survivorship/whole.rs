//! Names and addresses: what survives together comes from one record.

use super::plan::Whole;
use super::ranking::{Candidate, Facts, best_first, deciding_rule};
use super::{Member, Said};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use vinculo_records::{AttributeId, GoldenValue, Standard, SurvivorshipRule};

/// What one record says of a whole: at most one value of an attribute, in the order of the attributes.
type Row<'a> = Vec<Said<'a>>;
/// What a row says, whoever says it.
type Content<'a> = Vec<(AttributeId, &'a str)>;

/// Chooses the record that gives a name or an address, and adds its values.
pub(super) fn survive<'a>(whole: &Whole, members: &[Member<'a>], said: &[Said<'a>], golden: &mut Vec<GoldenValue<'a>>) {
    let ranked = ranked(whole, members, rows(said));
    let decided = deciding_rule(&whole.rules, &ranked);
    let best = ranked.first().expect("a whole is asked for only where something is said of it");
    let only =
        |value: &Said<'_>| said.iter().all(|other| other.attribute != value.attribute || other.text == value.text);
    golden.extend(best.content.iter().map(|value| GoldenValue {
        attribute: value.attribute,
        text: value.text,
        member: value.member,
        rule: if only(value) { SurvivorshipRule::OnlyValue } else { decided },
    }));
}

/// The rows of the records; of two values of one attribute the unflagged one counts, then the lesser text.
fn rows<'a>(said: &[Said<'a>]) -> Vec<Row<'a>> {
    let mut said = said.to_vec();
    said.sort_unstable_by_key(|said| (said.member, said.attribute, Reverse(said.unflagged), said.text));
    said.dedup_by_key(|said| (said.member, said.attribute));
    said.chunk_by(|a, b| a.member == b.member).map(<[Said<'_>]>::to_vec).collect()
}

/// Distinct rows, the best first.
fn ranked<'a>(whole: &Whole, members: &[Member<'a>], rows: Vec<Row<'a>>) -> Vec<Candidate<Row<'a>>> {
    let mut frequencies: FxHashMap<Content<'a>, i64> = FxHashMap::default();
    let several = rows.len() > 1;
    if several {
        rows.iter().for_each(|row| *frequencies.entry(content(row)).or_default() += 1);
    }
    let candidate = |row: Row<'a>| {
        let says = |attributes: &[Standard]| {
            row.iter().filter(|said| attributes.iter().any(|&attribute| said.attribute == attribute.into())).count()
        };
        let complete = if says(whole.telling_all) > 0 { whole.essential.len() } else { says(whole.essential) };
        let facts = Facts {
            complete: complete as i64,
            // The fewest flags, not the most values without one.
            unflagged: -(row.iter().filter(|said| !said.unflagged).count() as i64),
            frequency: if several { frequencies[&content(&row)] } else { 1 },
            length: row.iter().map(|said| said.text.chars().count() as i64).sum(),
        };
        let member = row[0].member;
        Candidate::new(row, &whole.rules, member, members, facts)
    };
    let mut ranked: Vec<_> = rows.into_iter().map(candidate).collect();
    best_first(&mut ranked);
    // Of the records that say the same the best stands for all.
    ranked.retain(|candidate| !several || frequencies.remove(&content(&candidate.content)).is_some());
    ranked
}

fn content<'a>(row: &Row<'a>) -> Content<'a> {
    row.iter().map(|said| (said.attribute, said.text)).collect()
}
