//! Attributes that the project declares beside the standard ones.

use crate::field;
use crate::keys::Group;
use crate::problem::Problems;
use crate::section::{self, Section};
use crate::source::{NAME_RULE, is_name};
use crate::yaml::{Content, Entry, Node};
use vinculo_records::{AttributeType, Attributes, CustomAttribute, Standard};

const TYPES: [AttributeType; 5] =
    [AttributeType::Text, AttributeType::Code, AttributeType::Date, AttributeType::Number, AttributeType::Set];

/// Names that have a meaning of their own where attributes are named.
const RESERVED: [&str; 1] = ["default"];

/// The standard attributes and those declared here.
pub(crate) fn read_attributes(node: &Node, problems: &mut Problems) -> Attributes {
    let entries = match &node.content {
        Content::Map(entries) => entries.as_slice(),
        _ => {
            problems.add(node.place, "`attributes` must be names with their declarations (`name: {type: text}`)");
            &[]
        }
    };
    if entries.len() > Attributes::CUSTOM_MAX {
        problems.add(node.place, format!("more than {} declared attributes", Attributes::CUSTOM_MAX));
    }
    Attributes::new(entries.iter().filter_map(|entry| read_attribute(entry, problems)).collect())
}

fn read_attribute(entry: &Entry, problems: &mut Problems) -> Option<CustomAttribute> {
    let name = &entry.key;
    if Standard::from_name(name).is_some() {
        problems.add(entry.place, format!("`{name}` is a standard attribute; it needs no declaration"));
        return None;
    }
    if !is_name(name) {
        problems.add(entry.place, format!("the name of an attribute {NAME_RULE}"));
    }
    if RESERVED.contains(&name.as_str()) {
        problems.add(entry.place, format!("`{name}` cannot be the name of an attribute"));
    }
    let section = Section::read(Group::Attribute, &entry.value, entry.place, &[], problems);
    let words = TYPES.map(|attribute_type| (attribute_type.name(), attribute_type));
    let attribute_type = section.value("type").and_then(|node| section::choice(node, "`type`", &words, problems));
    let separator = section.entry("separator");
    if let (Some(separator), Some(attribute_type)) = (separator, attribute_type)
        && attribute_type != AttributeType::Set
    {
        problems.add(separator.place, format!("`separator` is for sets, and `{name}` is none"));
    }
    let separator = separator.and_then(|entry| field::read_separator(&entry.value, problems));
    // Declared all the same, so that its uses are not problems as well.
    let attribute_type = attribute_type.unwrap_or(AttributeType::Text);
    Some(CustomAttribute { name: name.clone(), attribute_type, separator })
}
