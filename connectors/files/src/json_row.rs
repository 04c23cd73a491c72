//! Rows of tables and sheets as JSON objects, which is how they are kept raw.

use serde_json::Value;

/// JSON text that is being written.
#[derive(Debug, Default)]
pub(crate) struct JsonRow {
    json: String,
}

impl JsonRow {
    /// Begins a new object.
    pub(crate) fn begin(&mut self) {
        self.json.clear();
        self.json.push('{');
    }

    /// Begins the value of a column.
    pub(crate) fn key(&mut self, column: &str) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.push_text(column);
        self.json.push(':');
    }

    /// Adds a text, quoted.
    pub(crate) fn push_text(&mut self, text: &str) {
        if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.json.push('"');
            self.json.push_str(text);
            self.json.push('"');
        } else {
            self.json.push_str(&Value::from(text).to_string());
        }
    }

    /// Adds JSON as it stands.
    pub(crate) fn push_json(&mut self, json: &str) {
        self.json.push_str(json);
    }

    /// Ends the object.
    pub(crate) fn finish(&mut self) -> &str {
        self.json.push('}');
        &self.json
    }

    /// A text by itself, quoted.
    pub(crate) fn text(&mut self, text: &str) -> &str {
        self.json.clear();
        self.push_text(text);
        &self.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_kinds_are_quoted_as_json_wants_it() {
        for text in ["", "São", "a\"b", "a\\b", "a\nb", "\u{1F}", "\u{7F}"] {
            let json = JsonRow::default().text(text).to_owned();
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
