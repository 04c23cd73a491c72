//! Records that are handed to a command one at a time, each when the one before has its answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::PERSONS;
use crate::bench::program::Program;

/// The first records are not counted: Postgres, which a load in bulk leaves with none of the pages that single records
/// look up, brings them into its memory.
pub const WARM_UP: usize = 1_000;
/// With the first of these, which are not counted either, the program loads its model beside a run.
const BEFORE_A_RUN: usize = 50;
/// What passes between two records beside a run, so that they last as long as the run does.
const PAUSE: Duration = Duration::from_millis(10);

/// A command that answers lines.
struct Answering {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// How long each record waited for its answer, in ascending order.
pub fn times(program: &Program, folder: &Path, command: &str, lines: &[String]) -> Result<Vec<Duration>> {
    let mut answering = Answering::start(program, folder, command)?;
    let mut times = lines.iter().map(|line| answering.ask(line)).collect::<Result<Vec<_>>>()?;
    answering.end()?;
    times.drain(..WARM_UP.min(times.len()));
    times.sort_unstable();
    Ok(times)
}

/// The longest that a record waited to be resolved while a run published.
pub fn longest_beside_a_run(program: &Program, folder: &Path, lines: &[String]) -> Result<Duration> {
    let mut answering = Answering::start(program, folder, "resolve")?;
    let (before, beside) = lines.split_at(BEFORE_A_RUN.min(lines.len()));
    for line in before {
        answering.ask(line)?;
    }
    let longest = thread::scope(|scope| -> Result<Duration> {
        let run = scope.spawn(|| program.run(folder));
        let mut longest = Duration::ZERO;
        for line in beside.iter().take_while(|_| !run.is_finished()) {
            longest = longest.max(answering.ask(line)?);
            thread::sleep(PAUSE);
        }
        ensure!(run.is_finished(), "the run took longer than there were records to be resolved beside it");
        run.join().ok().context("the run was followed")??;
        Ok(longest)
    })?;
    answering.end()?;
    Ok(longest)
}

impl Answering {
    fn start(program: &Program, folder: &Path, command: &str) -> Result<Self> {
        let mut command = program.command(&[command, PERSONS], folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.context("the answers can be read")?);
        Ok(Self { child, questions, answers })
    }

    /// Hands over a line; tells how long the answer took.
    fn ask(&mut self, line: &str) -> Result<Duration> {
        let begun = Instant::now();
        let questions = self.questions.as_mut().context("the questions can be written")?;
        questions.write_all(line.as_bytes())?;
        questions.flush()?;
        let mut answer = String::new();
        ensure!(self.answers.read_line(&mut answer)? > 0, "a record has no answer");
        Ok(begun.elapsed())
    }

    fn end(mut self) -> Result<()> {
        drop(self.questions.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the command ended with {status}");
        Ok(())
    }
}
