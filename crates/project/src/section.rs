//! Reads values out of the tree: each reader gives the value, or adds a problem at its place and gives none.

use crate::keys::{Group, LeftOut};
use crate::problem::{Place, Problems, did_you_mean, nearest};
use crate::yaml::{Content, Entry, Node};
use std::ops::RangeInclusive;

/// A mapping whose keys were checked against the table of keys.
pub(crate) struct Section<'n> {
    entries: &'n [Entry],
    group: Group,
}

impl<'n> Section<'n> {
    /// Reads a mapping of this group; `also` are further keys that it may have. Unknown and missing keys are problems.
    pub(crate) fn read(group: Group, node: &'n Node, place: Place, also: &[&str], problems: &mut Problems) -> Self {
        let entries = match &node.content {
            Content::Map(entries) => entries.as_slice(),
            Content::Null => &[],
            _ => {
                let example = group.keys().first().map_or("", |key| key.example);
                problems.add(node.place, format!("{} must be keys with values, such as `{example}`", group.title()));
                return Self { entries: &[], group };
            }
        };
        let section = Self { entries, group };
        let meant = section.report_unknown(also, problems);
        for key in group.keys().iter().filter(|key| key.default == LeftOut::Required) {
            // A misspelled key is one problem, not two.
            if section.entry(key.name).is_none() && !meant.contains(&key.name) {
                problems.add(
                    place,
                    format!("{} has no `{}`; add a line such as `{}`", group.title(), key.name, key.example),
                );
            }
        }
        section
    }

    /// Adds a problem for each unknown key; gives the keys that were probably meant.
    fn report_unknown<'a>(&self, also: &[&'a str], problems: &mut Problems) -> Vec<&'a str> {
        let known = || self.group.keys().iter().map(|key| key.name).chain(also.iter().copied());
        let mut meant = Vec::new();
        for entry in self.entries.iter().filter(|entry| !known().any(|name| name == entry.key)) {
            let hint = did_you_mean(&entry.key, known());
            problems.add(entry.place, format!("unknown key `{}` in {}{hint}", entry.key, self.group.title()));
            meant.extend(nearest(&entry.key, known()));
        }
        meant
    }

    /// The entry of a key that has a value.
    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        debug_assert!(self.group.keys().iter().any(|known| known.name == key), "`{key}` stands in the table of keys");
        self.entries.iter().find(|entry| entry.key == key && !matches!(entry.value.content, Content::Null))
    }

    /// The value of a key, if it has one.
    pub(crate) fn value(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entries whose keys do not stand in the table: those of the connector.
    pub(crate) fn other_entries(&self) -> impl Iterator<Item = &'n Entry> {
        let group = self.group;
        self.entries.iter().filter(move |entry| group.keys().iter().all(|known| known.name != entry.key))
    }
}

/// One text, not empty.
pub(crate) fn text(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) if !scalar.text.trim().is_empty() => Some(scalar.text.clone()),
        Content::Scalar(_) | Content::Null => {
            problems.add(node.place, format!("{what} is empty"));
            None
        }
        Content::List(_) | Content::Map(_) => {
            problems.add(node.place, format!("{what} must be one value"));
            None
        }
    }
}

/// One text or a list of them; at least one, none twice.
pub(crate) fn texts(node: &Node, what: &str, problems: &mut Problems) -> Option<Vec<String>> {
    let Content::List(items) = &node.content else {
        return text(node, what, problems).map(|text| vec![text]);
    };
    if items.is_empty() {
        problems.add(node.place, format!("{what} is an empty list"));
        return None;
    }
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text = text(item, what, problems)?;
        if texts.contains(&text) {
            problems.add(item.place, format!("{what} names `{}` twice", shown(item)));
            return None;
        }
        texts.push(text);
    }
    Some(texts)
}

/// A number within a range.
pub(crate) fn number<T>(node: &Node, what: &str, range: RangeInclusive<T>, problems: &mut Problems) -> Option<T>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let written = match &node.content {
        Content::Scalar(scalar) => scalar.text.replace('_', ""),
        _ => String::new(),
    };
    let number = written.trim().parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        problems.add(node.place, format!("{what} must be a number from {} to {}", range.start(), range.end()));
    }
    number
}

/// One of a few words.
pub(crate) fn choice<T: Copy>(node: &Node, what: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    if let Content::Scalar(scalar) = &node.content
        && let Some((_, meaning)) = words.iter().find(|(word, _)| *word == scalar.text)
    {
        return Some(*meaning);
    }
    let list: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    let hint = did_you_mean(&shown(node), words.iter().map(|(word, _)| *word));
    problems.add(node.place, format!("{what} must be {}{hint}", or(&list)));
    None
}

/// The items of a list, or the one value in place of a list.
pub(crate) fn items(node: &Node) -> &[Node] {
    match &node.content {
        Content::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// The value as it is written in the file, for messages.
pub(crate) fn shown(node: &Node) -> String {
    match &node.content {
        Content::Scalar(scalar) => scalar.written.clone(),
        _ => String::new(),
    }
}

/// "a, b or c".
pub(crate) fn or(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
