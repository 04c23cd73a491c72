//! Resolution settings: what a project may say about how its records are matched.

use crate::field::find_attribute;
use crate::keys::Group;
use crate::problem::{Problems, did_you_mean};
use crate::section::{self, Section};
use crate::yaml::{Content, Entry, Node};
use serde::Serialize;
use vinculo_records::{AttributeId, AttributeType, Attributes, Standard};

/// What one organization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationUnit {
    /// Each establishment: all 14 characters of the CNPJ.
    #[default]
    Establishment,
    /// The company: the root of the CNPJ.
    Company,
}

/// What `resolution:` says; what it leaves out the engine's plan decides.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ResolutionSettings {
    /// What one organization is.
    pub organization: OrganizationUnit,
    /// Identifiers declared exclusive: a customer never has two values of one.
    pub exclusive: Vec<AttributeId>,
    /// The match probability, above 0 and below 1, from which on records are joined.
    pub match_probability: Option<f64>,
    /// The match probability, above 0 and below 1, from which on a pair that stays apart is kept for review.
    pub review_probability: Option<f64>,
    /// What is compared, by names of [`COMPARISONS`] and of declared attributes.
    pub comparisons: Option<Vec<String>>,
    /// Blocking rules in place of the automatic ones.
    pub blocking: Option<Vec<BlockingSettings>>,
    /// The greatest number of candidate pairs a record, on average.
    pub pairs_per_record: Option<u32>,
    /// The greatest number of records in a block that are compared pair by pair.
    pub block_limit: Option<u32>,
    /// Below so many records of a kind every run trains its model anew.
    pub train_below: Option<u32>,
}

/// A blocking rule, by names of [`KEY_PARTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockingSettings {
    /// Records that agree on all of these are compared.
    pub on: Vec<String>,
    /// What they must agree on as well where too many agree on `on`, in order.
    pub refine: Vec<String>,
}

/// What can be compared, and what each is; declared attributes are added by their names.
pub const COMPARISONS: &[(&str, &str)] = &[
    ("given_name", "the given names; together with `family_name` or not at all"),
    ("family_name", "the family names"),
    ("name_generation", "filho, júnior, neto, sobrinho"),
    ("birth_date", "the day of birth"),
    ("sex", "the sex"),
    ("mother_name", "the name of the mother"),
    ("tax_id", "tax identifiers"),
    ("email", "e-mail addresses"),
    ("phone", "phone numbers"),
    ("address", "the address, all its parts together"),
];

/// What a blocking key is made from.
pub const KEY_PARTS: &[(&str, &str)] = &[
    ("tax_id", "a tax identifier"),
    ("tax_head", "its first half"),
    ("tax_tail", "its second half"),
    ("email", "an e-mail address"),
    ("mailbox", "what stands before its `@`"),
    ("phone", "the last eight digits of a phone number"),
    ("given_sound", "the sound of the first given name"),
    ("family_sound", "the sound of the last family name"),
    ("word_sound", "the sound of any word of the name"),
    ("name_sounds", "the sounds of the first and the last word of the name, in either order"),
    ("rare_words", "the two rarest words of the name"),
    ("initials", "the initials of the first and the last word of the name"),
    ("birth_date", "the day of birth"),
    ("birth_year", "the year of birth"),
    ("birth_month", "the year and the month of birth"),
    ("birthday", "the month and the day of birth"),
    ("mother_name", "the first and the last word of the mother's name"),
    ("street_number", "the rarest word of the street, and the number of the house"),
    ("street", "the rarest word of the street"),
    ("house_number", "the number of the house"),
    ("postal_code", "the postal code"),
    ("city", "the city"),
];

/// Reads `resolution:`.
pub(crate) fn read_resolution(entry: &Entry, attributes: &Attributes, problems: &mut Problems) -> ResolutionSettings {
    let section = Section::read(Group::Resolution, &entry.value, entry.place, &[], problems);
    let mut settings = ResolutionSettings::default();
    if let Some(node) = section.value("organization") {
        let words = [("establishment", OrganizationUnit::Establishment), ("company", OrganizationUnit::Company)];
        settings.organization = section::choice(node, "`organization`", &words, problems).unwrap_or_default();
    }
    if let Some(node) = section.value("exclusive") {
        settings.exclusive = read_exclusive(node, attributes, problems);
    }
    if let Some(entry) = section.entry("thresholds") {
        read_thresholds(entry, &mut settings, problems);
    }
    if let Some(node) = section.value("comparisons") {
        settings.comparisons = read_comparisons(node, attributes, problems);
    }
    if let Some(node) = section.value("blocking") {
        settings.blocking = read_blocking(node, problems);
    }
    if let Some(node) = section.value("pairs_per_record") {
        settings.pairs_per_record = section::number(node, "`pairs_per_record`", 1..=10_000, problems);
    }
    if let Some(node) = section.value("block_limit") {
        settings.block_limit = section::number(node, "`block_limit`", 2..=1_000_000, problems);
    }
    if let Some(node) = section.value("train_below") {
        settings.train_below = section::number(node, "`train_below`", 1..=1_000_000_000, problems);
    }
    settings
}

fn read_exclusive(node: &Node, attributes: &Attributes, problems: &mut Problems) -> Vec<AttributeId> {
    let mut exclusive = Vec::new();
    for item in section::items(node) {
        let Some(name) = section::text(item, "`exclusive`", problems) else {
            continue;
        };
        let written = section::shown(item);
        let found = attributes.find(&name);
        let Some(attribute) = found.or_else(|| find_attribute(&written, item.place, attributes, problems)) else {
            continue;
        };
        let declared = attributes.declaration(attribute).map(|attribute| attribute.attribute_type);
        if attribute != Standard::TaxId.into() && declared != Some(AttributeType::Code) {
            let message = format!("`{written}` cannot be exclusive; `tax_id` and attributes of type `code` can");
            problems.add(item.place, message);
        }
        exclusive.push(attribute);
    }
    exclusive.sort();
    exclusive.dedup();
    exclusive
}

fn read_thresholds(entry: &Entry, settings: &mut ResolutionSettings, problems: &mut Problems) {
    let section = Section::read(Group::Thresholds, &entry.value, entry.place, &[], problems);
    let mut probability = |key: &str| {
        let node = section.value(key)?;
        let probability = section::number(node, &format!("`{key}`"), 0.0..=1.0, problems)?;
        if probability == 0.0 || probability == 1.0 {
            problems.add(node.place, format!("`{key}` must be above 0 and below 1: nothing is certain"));
        }
        Some(probability)
    };
    settings.match_probability = probability("match");
    settings.review_probability = probability("review");
    if let (Some(least), Some(review)) = (settings.match_probability, settings.review_probability)
        && review > least
    {
        problems.add(entry.place, "`review` is above `match`");
    }
}

fn read_comparisons(node: &Node, attributes: &Attributes, problems: &mut Problems) -> Option<Vec<String>> {
    let declared: Vec<&str> = attributes.custom().iter().map(|attribute| attribute.name.as_str()).collect();
    let known = COMPARISONS.iter().map(|(name, _)| *name).chain(declared).collect::<Vec<_>>();
    let names = read_names(node, "`comparisons`", "a comparison", &known, problems)?;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("given_name") != has("family_name") {
        problems.add(node.place, "`given_name` and `family_name` are compared together or not at all");
    }
    Some(names)
}

fn read_blocking(node: &Node, problems: &mut Problems) -> Option<Vec<BlockingSettings>> {
    let Content::List(rules) = &node.content else {
        problems.add(node.place, "`blocking` must be a list of rules (`[[email], [birth_date, initials]]`)");
        return None;
    };
    if rules.is_empty() {
        problems.add(node.place, "`blocking` has no rule; leave it out for the automatic ones");
    }
    Some(rules.iter().filter_map(|rule| read_rule(rule, problems)).collect())
}

fn read_rule(node: &Node, problems: &mut Problems) -> Option<BlockingSettings> {
    let known: Vec<&str> = KEY_PARTS.iter().map(|(name, _)| *name).collect();
    let parts = |node: &Node, problems: &mut Problems| {
        read_names(node, "a blocking rule", "a part of a blocking key", &known, problems)
    };
    if !matches!(node.content, Content::Map(_)) {
        return Some(BlockingSettings { on: parts(node, problems)?, refine: Vec::new() });
    }
    let section = Section::read(Group::Blocking, node, node.place, &[], problems);
    let refine = section.value("refine").map_or_else(Vec::new, |node| parts(node, problems).unwrap_or_default());
    Some(BlockingSettings { on: parts(section.value("on")?, problems)?, refine })
}

/// Names out of a list of known ones; `kind` says what a name is, in messages.
fn read_names(node: &Node, what: &str, kind: &str, known: &[&str], problems: &mut Problems) -> Option<Vec<String>> {
    let names = section::texts(node, what, problems)?;
    for (name, item) in names.iter().zip(section::items(node)) {
        if !known.contains(&name.as_str()) {
            let written = section::shown(item);
            let hint = did_you_mean(&written, known.iter().copied());
            problems.add(item.place, format!("`{written}` is not {kind}{hint}"));
        }
    }
    Some(names)
}
