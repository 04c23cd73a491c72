//! Progress on stderr: bars on a terminal, plain lines elsewhere.

use crate::output::say;
use crate::table::number;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vinculo_operations::progress::{Progress, Stage};

/// How often a plain line tells how far a long stage is.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Bars where stderr is a terminal, lines where it is a file or a pipe.
pub fn for_stderr() -> Arc<dyn Progress> {
    if std::io::stderr().is_terminal() { Arc::new(Bars::default()) } else { Arc::new(Lines::default()) }
}

/// A bar a stage; what is done stays as a line above.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
    open: Mutex<Vec<(Stage, ProgressBar)>>,
}

impl Bars {
    fn with(&self, stage: &Stage, then: impl FnOnce(&ProgressBar)) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bar)) = open.iter().find(|(known, _)| known == stage) {
            then(bar);
        }
    }
}

impl Progress for Bars {
    fn begin(&self, stage: &Stage, total: Option<u64>) {
        let (bar, template) = match total {
            Some(total) => {
                (ProgressBar::new(total), "{msg:28} {bar:30} {human_pos}/{human_len} {prefix} {per_sec} {eta} left")
            }
            None => (ProgressBar::no_length(), "{msg:28} {spinner} {human_pos} {prefix} {per_sec} {elapsed}"),
        };
        let bar = self.all.add(bar);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(stage.title());
        bar.set_prefix(stage.unit());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push((stage.clone(), bar));
    }

    fn advance(&self, stage: &Stage, by: u64) {
        self.with(stage, |bar| bar.inc(by));
    }

    fn end(&self, stage: &Stage, note: &str) {
        self.with(stage, |bar| {
            let line = finished_line(stage, note, bar.elapsed());
            bar.finish_and_clear();
            // Nothing is left to do where even stderr is closed.
            let _ = self.all.println(line);
        });
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != stage);
    }
}

/// A line when a stage ends, and now and then within a long one.
#[derive(Default)]
struct Lines {
    open: Mutex<Vec<Line>>,
}

struct Line {
    stage: Stage,
    done: u64,
    total: Option<u64>,
    begun: Instant,
    told: Instant,
}

impl Progress for Lines {
    fn begin(&self, stage: &Stage, total: Option<u64>) {
        let now = Instant::now();
        let line = Line { stage: stage.clone(), done: 0, total, begun: now, told: now };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn advance(&self, stage: &Stage, by: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = open.iter_mut().find(|line| line.stage == *stage) else { return };
        line.done += by;
        if line.told.elapsed() >= LINE_EVERY {
            line.told = Instant::now();
            let of = line.total.map(|total| format!(" of {}", number(total))).unwrap_or_default();
            say(format_args!("{}: {}{of} {}", stage.title(), number(line.done), stage.unit()));
        }
    }

    fn end(&self, stage: &Stage, note: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|line| line.stage == *stage) {
            let line = open.remove(at);
            say(finished_line(stage, note, line.begun.elapsed()));
        }
    }
}

fn finished_line(stage: &Stage, note: &str, elapsed: Duration) -> String {
    format!("{:<28} {note} ({:.1} s)", stage.title(), elapsed.as_secs_f64())
}
