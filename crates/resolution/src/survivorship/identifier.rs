//! Tax identifiers in a golden record: never two valid ones of a type that excludes it.

use super::Said;
use super::ranking::Candidate;
use crate::clustering::Exclusivity;
use vinculo_records::{Flag, NormalizedView, Standard, Value};

/// Whether the value is a tax identifier of known type whose check digits hold.
pub(super) fn is_valid(value: Value<'_>) -> bool {
    value.attribute == Standard::TaxId.into()
        && matches!(value.flag, None | Some(Flag::ZerosRestored | Flag::WrongKind))
}

/// Whether two valid identifiers cannot both be of one customer: the same type and another value.
///
/// The number of letters and digits tells the type: 11 CPF, 14 CNPJ, 9 NIF.
fn exclude_each_other(left: &str, right: &str, exclusivity: Exclusivity) -> bool {
    const CNPJ_CHARACTERS: usize = 14;
    const CNPJ_ROOT_CHARACTERS: usize = 8;
    let characters = |text: &'_ str| text.chars().filter(|c| c.is_alphanumeric()).collect::<Vec<char>>();
    let (left, right) = (characters(left), characters(right));
    if left.len() != right.len() {
        return false;
    }
    let counts = match exclusivity {
        Exclusivity::CompanyRoot if left.len() == CNPJ_CHARACTERS => CNPJ_ROOT_CHARACTERS,
        _ => left.len(),
    };
    left[..counts] != right[..counts]
}

/// Takes away the identifiers of a record that names two of one type: clustering does not count them either.
pub(super) fn drop_contradicting(said: &mut Vec<Said<'_>>, exclusivity: Exclusivity) {
    let contradicted = |one: &Said<'_>, other: &Said<'_>| {
        one.valid && other.valid && one.member == other.member && exclude_each_other(one.text, other.text, exclusivity)
    };
    // The values of a record stand together, so that only neighbors need a look.
    let valid: Vec<Said<'_>> = said.iter().filter(|said| said.valid).copied().collect();
    if valid.windows(2).all(|pair| pair[0].member != pair[1].member) {
        return;
    }
    let of_member = |member| {
        let from = valid.partition_point(|said| said.member < member);
        valid[from..].iter().take_while(move |said| said.member == member)
    };
    said.retain(|one| !one.valid || !of_member(one.member).any(|other| contradicted(one, other)));
}

/// Keeps of the ranked identifiers only those that no better one excludes.
pub(super) fn keep_consistent(ranked: &mut Vec<Candidate<&Said<'_>>>, exclusivity: Exclusivity) {
    let mut kept: Vec<&str> = Vec::new();
    ranked.retain(|candidate| {
        let said = candidate.content;
        let excluded = said.valid && kept.iter().any(|better| exclude_each_other(better, said.text, exclusivity));
        if said.valid && !excluded {
            kept.push(said.text);
        }
        !excluded
    });
}

/// Whether two records name valid identifiers that cannot both be of one customer.
pub fn identifiers_exclude(left: NormalizedView<'_>, right: NormalizedView<'_>, exclusivity: Exclusivity) -> bool {
    let valid = |view: NormalizedView<'_>| -> Vec<String> {
        view.values().filter(|value| is_valid(*value)).map(|value| value.text.to_owned()).collect()
    };
    let right = valid(right);
    valid(left).iter().any(|left| right.iter().any(|right| exclude_each_other(left, right, exclusivity)))
}
