//! Reads license expressions: `(MIT OR Apache-2.0) AND Unicode-3.0`, and the older `MIT/Apache-2.0`.

/// Whether an expression can be satisfied with allowed licenses alone. An expression that cannot be read cannot.
pub fn is_satisfied(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut reader = Reader { words: spaced.split_whitespace().collect(), position: 0, allowed };
    reader.any_of() == Some(true) && reader.position == reader.words.len()
}

/// Reads by recursive descent: `AND` binds closer than `OR`. Each function answers `None` for what it cannot read.
struct Reader<'a> {
    words: Vec<&'a str>,
    position: usize,
    allowed: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn any_of(&mut self) -> Option<bool> {
        let mut satisfied = self.all_of()?;
        while self.take("OR") {
            satisfied |= self.all_of()?;
        }
        Some(satisfied)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut satisfied = self.one()?;
        while self.take("AND") {
            satisfied &= self.one()?;
        }
        Some(satisfied)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let satisfied = self.any_of()?;
            return self.take(")").then_some(satisfied);
        }
        let license = self.next()?;
        // An exception only grants more than the license itself does.
        if self.take("WITH") {
            self.next()?;
        }
        Some(self.allowed.contains(&license))
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.position).copied().filter(|word| !["(", ")", "AND", "OR"].contains(word))?;
        self.position += 1;
        Some(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.position) == Some(&word);
        self.position += usize::from(is_next);
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::is_satisfied;

    #[test]
    fn an_expression_is_satisfied_by_any_alternative_of_which_all_parts_are_allowed() {
        let cases = [
            ("MIT", true),
            ("MIT OR LGPL-2.1-or-later", true),
            ("LGPL-2.1-or-later", false),
            ("MIT AND LGPL-2.1-or-later", false),
            ("GPL-3.0 OR Apache-2.0 AND MIT", true),
            ("GPL-3.0 AND MIT OR Apache-2.0", true),
            ("GPL-3.0 AND (MIT OR Apache-2.0)", false),
            ("(MIT OR GPL-3.0) AND Apache-2.0", true),
            ("GPL-3.0/MIT", true),
            ("GPL-3.0 / MIT", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT Apache-2.0", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(is_satisfied(expression, &["MIT", "Apache-2.0"]), expected, "{expression}");
        }
    }
}
