//! Normalization as ingestion sees it: a raw cell goes in, values with flags come out.

mod bad_values;
mod idempotence;
mod length;

use vinculo_normalization::{FieldRule, Normalizer};
use vinculo_records::{AttributeId, AttributeType, Attributes, CustomAttribute, Flag, Kind, NormalizedRecord};

/// 2026-01-01.
const LANDED_ON: i32 = 20_454;

/// The standard attributes, and one declared attribute of each type, named after it.
fn attributes() -> Attributes {
    let declared = |attribute_type: AttributeType| CustomAttribute {
        name: attribute_type.name().into(),
        attribute_type,
        separator: (attribute_type == AttributeType::Set).then(|| "**".into()),
    };
    let types =
        [AttributeType::Text, AttributeType::Code, AttributeType::Date, AttributeType::Number, AttributeType::Set];
    Attributes::new(types.map(declared).into())
}

fn rule(attribute: &str) -> FieldRule {
    let attributes = attributes();
    FieldRule::new(attributes.find(attribute).expect("a known attribute"), &attributes)
}

/// The values that one cell gives: text and flag.
fn values(rule: &FieldRule, raw: &str, kind: Kind, country: &str) -> Vec<(String, Option<Flag>)> {
    let mut record = NormalizedRecord::new(kind, None, LANDED_ON);
    Normalizer::new(country).value(rule, raw, &mut record);
    let id: AttributeId = rule.attribute;
    record.view().values_of(id).map(|value| (value.text.to_owned(), value.flag)).collect()
}
