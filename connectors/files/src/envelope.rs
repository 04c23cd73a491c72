//! One JSON object around one array of records: `{"total": 2, "data": [{…}, {…}]}`, as APIs send it.

use crate::elements::ElementEnd;
use crate::window::{RecordEnd, is_padding};

/// How deeply the array may lie in objects.
const DEPTH_MAX: usize = 4;

/// An array of objects, or an empty one, that lies in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedArray {
    /// The keys that lead to it, with dots between them.
    pub(crate) path: String,
    /// How many objects are around it.
    pub(crate) depth: usize,
    /// Where it begins, behind its bracket.
    pub(crate) start: usize,
    pub(crate) is_empty: bool,
}

/// What a walk over the beginning of a text found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) arrays: Vec<WrappedArray>,
    /// Whether the text is one object so far: not closed yet, or with nothing behind it.
    pub(crate) is_one_object: bool,
}

impl Walk {
    /// The arrays that can only hold records.
    pub(crate) fn of_objects(&self) -> impl Iterator<Item = &WrappedArray> {
        self.arrays.iter().filter(|array| !array.is_empty)
    }

    /// Walks over a text that may go on behind what is at hand.
    pub(crate) fn over(text: &[u8]) -> Self {
        let mut walker = Walker { text, at: 0, arrays: Vec::new() };
        let outcome = walker.object(&mut Vec::new());
        let is_one_object = match outcome {
            Ok(()) => walker.is_at_end(),
            Err(Stop::TextEnded) => true,
            Err(Stop::Broken) => false,
        };
        Self { arrays: walker.arrays, is_one_object }
    }
}

/// What follows the array in the objects around it.
pub(crate) enum Rest {
    /// They are closed, nothing follows, and these further arrays of objects are in them.
    Sound(Vec<WrappedArray>),
    CutOff,
    Broken,
}

/// Looks through all that follows the closing bracket of an array that lies in `depth` objects.
pub(crate) fn rest(text: &[u8], depth: usize) -> Rest {
    let mut walker = Walker { text, at: 0, arrays: Vec::new() };
    match (0..depth).try_for_each(|_| walker.rest_of_object(&mut Vec::new())) {
        Ok(()) if walker.is_at_end() => {
            Rest::Sound(walker.arrays.into_iter().filter(|array| !array.is_empty).collect())
        }
        Ok(()) | Err(Stop::Broken) => Rest::Broken,
        Err(Stop::TextEnded) => Rest::CutOff,
    }
}

enum Stop {
    TextEnded,
    Broken,
}

struct Walker<'a> {
    text: &'a [u8],
    at: usize,
    arrays: Vec<WrappedArray>,
}

impl Walker<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Result<u8, Stop> {
        let rest = &self.text[self.at..];
        let white = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += white;
        rest.get(white).copied().ok_or(Stop::TextEnded)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        let found = self.peek()?;
        self.at += 1;
        if found == byte { Ok(()) } else { Err(Stop::Broken) }
    }

    fn is_at_end(&mut self) -> bool {
        self.text[self.at..].iter().all(|byte| byte.is_ascii_whitespace() || is_padding(*byte))
    }

    fn object(&mut self, path: &mut Vec<String>) -> Result<(), Stop> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        self.member(path)?;
        self.rest_of_object(path)
    }

    /// From behind a value to behind the brace that closes its object.
    fn rest_of_object(&mut self, path: &mut Vec<String>) -> Result<(), Stop> {
        while self.peek()? == b',' {
            self.at += 1;
            self.member(path)?;
        }
        self.expect(b'}')
    }

    fn member(&mut self, path: &mut Vec<String>) -> Result<(), Stop> {
        path.push(self.key()?);
        self.expect(b':')?;
        let begins_with = self.peek()?;
        if begins_with == b'{' && path.len() < DEPTH_MAX {
            self.object(path)?;
        } else {
            if begins_with == b'[' {
                self.note(path)?;
            }
            self.pass_over_value()?;
        }
        path.pop();
        Ok(())
    }

    /// A key without its escapes undone, which is enough to tell keys apart.
    fn key(&mut self) -> Result<String, Stop> {
        self.expect(b'"')?;
        let start = self.at;
        while let Some(byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => return Ok(String::from_utf8_lossy(&self.text[start..self.at - 1]).into_owned()),
                _ => {}
            }
        }
        Err(Stop::TextEnded)
    }

    fn note(&mut self, path: &[String]) -> Result<(), Stop> {
        let bracket = self.at;
        self.at += 1;
        let first = self.peek()?;
        if matches!(first, b'{' | b']') {
            let (path, depth) = (path.join("."), path.len());
            self.arrays.push(WrappedArray { path, depth, start: bracket + 1, is_empty: first == b']' });
        }
        self.at = bracket;
        Ok(())
    }

    fn pass_over_value(&mut self) -> Result<(), Stop> {
        let length = ElementEnd::default().find(&self.text[self.at..]).ok_or(Stop::TextEnded)?;
        self.at += length;
        if length == 0 { Err(Stop::Broken) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> (Vec<(String, bool)>, bool) {
        let walk = Walk::over(text.as_bytes());
        let arrays = walk.arrays.iter().map(|array| (array.path.clone(), array.is_empty)).collect();
        (arrays, walk.is_one_object)
    }

    #[test]
    fn arrays_of_objects_are_found_wherever_they_lie() {
        let one = |path: &str| vec![(path.to_owned(), false)];
        for (text, arrays, is_one_object) in [
            (r#"{"data": [{"id": 1}]}"#, one("data"), true),
            (r#"{"meta": {"n": 1}, "d": {"results": [ {"a": "]}"} ], "x": 1}}"#, one("d.results"), true),
            (r#"{"data": [{"id": 1}, {"id"#, one("data"), true),
            (r#"{"data": [], "tags": ["a"], "n": [1]}"#, vec![("data".to_owned(), true)], true),
            (r#"{"id": 1, "tel": [{"n": 1}]} {"id": 2}"#, one("tel"), false),
            (r#"{"a\"b": [{}]}"#, one("a\\\"b"), true),
            (r#"{"id": 1, oops"#, vec![], false),
            (r#"[{"id": 1}]"#, vec![], false),
        ] {
            assert_eq!(found(text), (arrays, is_one_object), "{text}");
        }
    }

    #[test]
    fn what_follows_the_array_is_looked_through() {
        let further = |text: &str, depth| match rest(text.as_bytes(), depth) {
            Rest::Sound(arrays) => Some(arrays.len()),
            Rest::CutOff | Rest::Broken => None,
        };
        assert_eq!(further("}\n\0", 1), Some(0));
        assert_eq!(further(r#", "n": 2}, "more": [{"a": 1}] }"#, 2), Some(1));
        assert_eq!(further(", \"n\": 2", 1), None);
        assert_eq!(further("}}", 1), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_walk_panic(text in r#"[\[\]{}",:a1\\ ]{0,30}"#, depth in 0_usize..4) {
            Walk::over(text.as_bytes());
            rest(text.as_bytes(), depth);
        }
    }
}
