//! Survivorship settings: which of several values a customer gets.

use crate::field::find_attribute;
use crate::problem::Problems;
use crate::section;
use crate::yaml::{Entry, Node};
use serde::Serialize;
use std::collections::BTreeMap;
use vinculo_records::{AttributeId, Attributes, Standard, SurvivorshipRule};

/// Rules that a project may name, and what each prefers. Each is asked only where those before it leave several values.
pub(crate) const RULES: [(SurvivorshipRule, &str); 6] = [
    (SurvivorshipRule::MostComplete, "the record that fills most of it; for names and addresses only"),
    (SurvivorshipRule::Unflagged, "values that are not flagged; asked first where it is not named"),
    (SurvivorshipRule::MostTrusted, "the source with the greatest `trust`"),
    (SurvivorshipRule::MostRecent, "the record with the latest `updated_at`"),
    (SurvivorshipRule::MostFrequent, "the value that most records have"),
    (SurvivorshipRule::Longest, "the longest text"),
];

/// What `survivorship:` says; for what it leaves out the engine has its own rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SurvivorshipSettings {
    /// For attributes that have none of their own.
    pub default: Option<Vec<SurvivorshipRule>>,
    /// For single attributes; a name as a whole stands under `full_name`, an address under `address`.
    pub attributes: BTreeMap<AttributeId, Vec<SurvivorshipRule>>,
}

impl SurvivorshipSettings {
    /// The rules of every attribute that has rules set, by the name of the attribute, the default put in.
    pub fn by_name(&self, attributes: &Attributes) -> BTreeMap<String, Vec<SurvivorshipRule>> {
        let standard = Standard::ALL.iter().filter(|standard| head(**standard).is_none_or(|head| head == **standard));
        let declared = (0..attributes.custom().len()).filter_map(AttributeId::custom);
        let ids = standard.map(|standard| AttributeId::from(*standard)).chain(declared);
        ids.filter_map(|id| {
            let rules = self.attributes.get(&id).or(self.default.as_ref())?;
            Some((attributes.name(id).to_owned(), rules.clone()))
        })
        .collect()
    }
}

/// The attribute that stands for the whole to which this one belongs: names and addresses survive from one record.
fn head(standard: Standard) -> Option<Standard> {
    if (Standard::Name..=Standard::FamilyName).contains(&standard) {
        Some(Standard::FullName)
    } else if (Standard::Address..=Standard::Country).contains(&standard) {
        Some(Standard::Address)
    } else {
        None
    }
}

/// Reads `survivorship:`.
pub(crate) fn read_survivorship(node: &Node, attributes: &Attributes, problems: &mut Problems) -> SurvivorshipSettings {
    let mut settings = SurvivorshipSettings::default();
    let Some(entries) = node.entries() else {
        problems.add(node.place, "`survivorship` must be attributes with their rules (`phone: [most_recent]`)");
        return settings;
    };
    for entry in entries {
        if entry.key == "default" {
            settings.default = Some(read_rules(&entry.value, false, problems));
        } else if let Some(attribute) = find_attribute(&entry.key, entry.place, attributes, problems) {
            let whole = attribute.standard().and_then(head);
            check_whole(entry, attribute, whole, problems);
            settings.attributes.insert(attribute, read_rules(&entry.value, whole.is_some(), problems));
        }
    }
    settings
}

fn check_whole(entry: &Entry, attribute: AttributeId, whole: Option<Standard>, problems: &mut Problems) {
    if let Some(whole) = whole.filter(|whole| attribute != (*whole).into()) {
        let message =
            format!("`{}` survives with the rest of `{whole}`; name the rules there", entry.key, whole = whole.name());
        problems.add(entry.place, message);
    }
}

fn read_rules(node: &Node, is_whole: bool, problems: &mut Problems) -> Vec<SurvivorshipRule> {
    let items = section::items(node);
    if items.is_empty() {
        problems.add(node.place, "no rule; name at least one");
    }
    let words = RULES.map(|(rule, _)| (rule.name(), rule));
    let words = if is_whole { &words[..] } else { &words[1..] };
    let mut rules = Vec::with_capacity(items.len() + 1);
    for item in items {
        let Some(rule) = section::choice(item, "a survivorship rule", words, problems) else {
            continue;
        };
        if rules.contains(&rule) {
            problems.add(item.place, format!("`{}` is named twice", rule.name()));
        }
        rules.push(rule);
    }
    if !rules.contains(&SurvivorshipRule::Unflagged) {
        rules.insert(0, SurvivorshipRule::Unflagged);
    }
    rules
}
