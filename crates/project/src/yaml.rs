//! YAML with places: a tree whose every key and value knows its line and column.
//!
//! The parser's events are put together here, and not by a ready-made loader, because keys keep their places,
//! duplicate keys are found, and what an alias may grow to is bounded.

use crate::problem::{Place, Problem, Problems};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use std::collections::HashMap;

/// How deep mappings and lists may nest.
const DEPTH_MAX: usize = 32;
/// How many values the file may hold, each use of an alias counted in full.
const NODES_MAX: usize = 100_000;
/// How long the file may be, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Nothing, `~` or `null`.
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    /// The text, variables put in.
    pub(crate) text: String,
    /// The text as it is written; what messages and run records show.
    pub(crate) written: String,
    /// Whether it is text for certain: quoted, a block, or made from a variable.
    pub(crate) is_text: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) place: Place,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// How many nodes it holds, itself included.
    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Null | Content::Scalar(_) => 0,
            Content::List(items) => items.iter().map(Self::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
        }
    }

    /// How many levels of mappings and lists it has.
    fn depth(&self) -> usize {
        match &self.content {
            Content::Null | Content::Scalar(_) => 0,
            Content::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Content::Map(entries) => 1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }
}

/// The one document of the text. Duplicate keys are added to `problems`, and the first of them stands.
///
/// # Errors
/// What keeps the text from being read at all.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Result<Node, Problem> {
    if text.len() > BYTES_MAX {
        return Err(Problem { place: None, message: format!("the file is longer than {} KiB", BYTES_MAX / 1024) });
    }
    let mut builder = Builder { open: Vec::new(), anchored: HashMap::new(), nodes: 0, root: None, problems };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax_problem(&error, text))?;
        builder.take(event, span)?;
    }
    builder.root.ok_or(Problem { place: None, message: "the file is empty".into() })
}

fn syntax_problem(error: &ScanError, text: &str) -> Problem {
    let place = place_of(Span::empty(*error.marker()));
    let info = error.info();
    if info.contains("tab ") || info.contains("tabs ") || info.ends_with("tab") {
        return at(tab_place(text, place), "a tab is used to indent; use spaces");
    }
    if info.contains("mapping values are not allowed") {
        return at(place, "a second `:` in one line; put quotes around a value that holds `: `");
    }
    let line = text.lines().nth(place.line - 1).unwrap_or_default();
    if info.contains("flow") && line.chars().skip(place.column.saturating_sub(2)).collect::<String>().starts_with("${")
    {
        return at(place, "put quotes around `${NAME}` inside of `{ }` or `[ ]`");
    }
    at(place, format!("the YAML cannot be read: {info}"))
}

/// The tab that indents, at or after where the parser stopped: it stops at the end of the line before.
fn tab_place(text: &str, stopped: Place) -> Place {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().enumerate().skip(stopped.line - 1);
    lines.find_map(|(n, line)| Some((n, line[..indent(line)].find('\t')?))).map_or(stopped, |(n, column)| Place {
        line: n + 1,
        column: column + 1,
        width: 1,
    })
}

fn place_of(span: Span) -> Place {
    let width = if span.end.line() == span.start.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    Place { line: span.start.line(), column: span.start.col() + 1, width: width.max(1) }
}

/// A mapping or list that is still open.
struct Frame {
    anchor: usize,
    place: Place,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<(String, Place)>),
}

struct Builder<'p> {
    open: Vec<Frame>,
    anchored: HashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
    problems: &'p mut Problems,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place = place_of(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(at(place, "a second document; the file holds one")),
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(at(place, "tags (`!name`) are not supported"))
            }
            Event::Scalar(text, style, anchor, None) => {
                let content = scalar(&text, style);
                self.put(Node { place, content }, anchor)
            }
            Event::SequenceStart(anchor, None) => self.open(anchor, place, Inside::List(Vec::new())),
            Event::MappingStart(anchor, None) => self.open(anchor, place, Inside::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.repeat(anchor, place),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn open(&mut self, anchor: usize, place: Place, inside: Inside) -> Result<(), Problem> {
        if self.open.len() >= DEPTH_MAX {
            return Err(at(place, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        if let Some(Frame { inside: Inside::Map(_, None), .. }) = self.open.last() {
            return Err(at(place, "a key must be plain text"));
        }
        self.open.push(Frame { anchor, place, inside });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        let Some(Frame { anchor, place, inside }) = self.open.pop() else {
            return Ok(());
        };
        let content = match inside {
            Inside::List(items) => Content::List(items),
            Inside::Map(entries, _) => Content::Map(entries),
        };
        self.put(Node { place, content }, anchor)
    }

    fn repeat(&mut self, anchor: usize, place: Place) -> Result<(), Problem> {
        let Some(node) = self.anchored.get(&anchor) else {
            return Err(at(place, "an alias stands inside of what it repeats"));
        };
        if self.open.len() + node.depth() > DEPTH_MAX {
            return Err(at(place, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        // Counted before it is copied: nested aliases may stand for more than memory holds.
        self.count(node.size() - 1, place)?;
        let node = Node { place, content: self.anchored[&anchor].content.clone() };
        self.put(node, 0)
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Problem> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err(at(place, format!("more than {NODES_MAX} values, aliases counted in full")));
        }
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        if matches!(node.content, Content::Null | Content::Scalar(_)) {
            self.count(1, node.place)?;
        }
        if anchor > 0 {
            self.anchored.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Frame { inside: Inside::List(items), .. }) => items.push(node),
            Some(Frame { inside: Inside::Map(entries, pending), .. }) => match pending.take() {
                None => *pending = Some(key_of(node)?),
                Some((key, place)) => match entries.iter().find(|entry| entry.key == key) {
                    Some(first) => {
                        let line = first.place.line;
                        self.problems.add(place, format!("duplicate key `{key}`; it stands in line {line} already"));
                    }
                    None => entries.push(Entry { key, place, value: node }),
                },
            },
        }
        Ok(())
    }
}

fn at(place: Place, message: impl Into<String>) -> Problem {
    Problem { place: Some(place), message: message.into() }
}

fn key_of(node: Node) -> Result<(String, Place), Problem> {
    match node.content {
        Content::Scalar(scalar) if scalar.text == "<<" => Err(at(node.place, "merge keys (`<<`) are not supported")),
        Content::Scalar(scalar) => Ok((scalar.text, node.place)),
        _ => Err(at(node.place, "a key must be plain text")),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Content {
    let is_text = style != ScalarStyle::Plain;
    if !is_text && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Content::Null;
    }
    Content::Scalar(Scalar { text: text.into(), written: text.into(), is_text })
}
