//! What is wrong with a `vinculo.yaml`: every problem with its place, all of them at once.

use crate::secret;
use std::fmt;
use strsim::osa_distance;

/// Where something stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters of the line it takes, at least 1.
    pub width: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where; none if the file as a whole is at fault.
    pub place: Option<Place>,
    /// What, in lower case; names keys and columns, never the value of a variable or a secret.
    pub message: String,
}

/// All problems of a file, in the order of their places.
///
/// Its text is a line a problem (`file:line:column: message`), each followed by the line of the file with a mark under
/// the place.
#[derive(Clone, PartialEq, Eq)]
pub struct ProjectErrors {
    file_name: String,
    lines: Vec<String>,
    problems: Vec<Problem>,
}

impl ProjectErrors {
    /// The problems of a file. Of its text, only the lines that the problems name are kept.
    pub(crate) fn new(file_name: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        let named = |line: usize| problems.iter().filter_map(|p| p.place).any(|place| place.line == line);
        let keep = |(n, line): (usize, &str)| {
            if named(n + 1) { secret::mask_line(line) } else { String::new() }
        };
        let lines = text.lines().enumerate().map(keep).collect();
        Self { file_name: file_name.into(), lines, problems }
    }

    /// The problems, in the order of their places.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn write_excerpt(&self, f: &mut fmt::Formatter<'_>, place: Place) -> fmt::Result {
        let Some(line) = self.lines.get(place.line - 1).filter(|line| !line.trim().is_empty()) else {
            return Ok(());
        };
        let number = place.line.to_string();
        let gap = " ".repeat(number.len());
        // A tab stays a tab, so that the mark stands under its place whatever the width of tabs.
        let indent: String = line.chars().take(place.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let room = line.chars().count().saturating_sub(place.column - 1).max(1);
        let mark = "^".repeat(place.width.clamp(1, room));
        write!(f, "\n  {number} | {line}\n  {gap} | {indent}{mark}")
    }
}

impl fmt::Display for ProjectErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            match problem.place {
                Some(place) => {
                    write!(f, "{}:{}:{}: {}", self.file_name, place.line, place.column, problem.message)?;
                    self.write_excerpt(f, place)?;
                }
                None => write!(f, "{}: {}", self.file_name, problem.message)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ProjectErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ProjectErrors {}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, place: Place, message: impl Into<String>) {
        self.0.push(Problem { place: Some(place), message: message.into() });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

/// The known name that is nearest to this one, if any is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = (name.chars().count() / 3).max(1);
    let folded = name.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (osa_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "; did you mean `x`?" for the nearest of the known names, or nothing where none is near.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |candidate| format!("; did you mean `{candidate}`?"))
}
