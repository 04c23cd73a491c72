//! `${NAME}` and `${NAME:-default}`: variables, put into values after the YAML was read.
//!
//! A variable can therefore never add a key or a line. `$${` stands for a plain `${`; any other `$` is itself.

use crate::problem::Problems;
use crate::yaml::{Content, Node};

/// Gives the value of a variable, if it is set.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Puts the variables into all values of the tree. Keys are left as they are.
pub(crate) fn put_in(node: &mut Node, variables: Variables<'_>, problems: &mut Problems) {
    match &mut node.content {
        Content::Null => {}
        Content::List(items) => items.iter_mut().for_each(|item| put_in(item, variables, problems)),
        Content::Map(entries) => entries.iter_mut().for_each(|entry| put_in(&mut entry.value, variables, problems)),
        Content::Scalar(scalar) => match expand(&scalar.written, variables) {
            Ok(None) => {}
            Ok(Some(text)) => {
                scalar.text = text;
                scalar.is_text = true;
            }
            Err(message) => problems.add(node.place, message),
        },
    }
}

/// The text with its variables put in; none if there is nothing to put in.
fn expand(written: &str, variables: Variables<'_>) -> Result<Option<String>, String> {
    if !written.contains("${") {
        return Ok(None);
    }
    let mut text = String::new();
    let mut rest = written;
    while let Some(at) = rest.find("${") {
        let (before, inside) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            text.push_str(before);
            text.push_str("${");
            rest = inside;
            continue;
        }
        let end = inside.find('}').ok_or("`${` without its `}`")?;
        text.push_str(before);
        text.push_str(&value_of(&inside[..end], variables)?);
        rest = &inside[end + 1..];
    }
    text.push_str(rest);
    Ok(Some(text))
}

/// The value of what stands between `${` and `}`. As in a shell, the default also stands in for an empty value.
fn value_of(inside: &str, variables: Variables<'_>) -> Result<String, String> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if !is_name(name) {
        return Err("a variable is written `${NAME}` or `${NAME:-default}`; `$${` is a plain `${`".into());
    }
    match (variables(name), default) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => {
            Err(format!("the variable `{name}` is not set; set it, or give a default: `${{{name}:-default}}`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "NAME" => Some("ana".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_put_in_and_dollars_kept() {
        let cases = [
            ("plain $5", None),
            ("${NAME}", Some("ana")),
            ("a-${NAME}-${NAME}", Some("a-ana-ana")),
            ("${EMPTY}", Some("")),
            ("${EMPTY:-x}", Some("x")),
            ("${NONE:-}", Some("")),
            ("${NONE:-a:-b $c}", Some("a:-b $c")),
            ("$${NAME}", Some("${NAME}")),
            ("$5 ${NAME}", Some("$5 ana")),
        ];
        for (written, text) in cases {
            assert_eq!(expand(written, &variables), Ok(text.map(str::to_owned)), "{written}");
        }
    }

    #[test]
    fn a_variable_that_is_unset_or_badly_written_is_a_problem() {
        assert_eq!(
            expand("${NONE}", &variables),
            Err("the variable `NONE` is not set; set it, or give a default: `${NONE:-default}`".into())
        );
        assert_eq!(expand("${NAME", &variables), Err("`${` without its `}`".into()));
        for written in ["${}", "${1A}", "${A B}", "${:-x}"] {
            assert!(expand(written, &variables).is_err(), "{written}");
        }
    }
}
