//! How long each stage of a run took.

use crate::progress::{Progress, Stage};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A stage that is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageTime {
    /// Its title, as people see it.
    pub stage: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What this process spent meanwhile on all cores, in seconds of CPU time; Postgres' own is not in it.
    pub cpu_seconds: f64,
}

struct Open {
    stage: Stage,
    begun: Instant,
    cpu_begun: f64,
}

/// Passes progress on, and keeps the time of each stage.
pub struct Timed {
    inner: Arc<dyn Progress>,
    clock: Mutex<Clock>,
}

#[derive(Default)]
struct Clock {
    open: Vec<Open>,
    over: Vec<StageTime>,
}

impl Timed {
    /// Nothing has begun yet.
    pub fn new(inner: Arc<dyn Progress>) -> Self {
        Self { inner, clock: Mutex::default() }
    }

    /// The stages that are over, in the order in which they ended.
    pub fn stages(&self) -> Vec<StageTime> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).over.clone()
    }
}

impl Progress for Timed {
    fn begin(&self, stage: &Stage, total: Option<u64>) {
        let open = Open { stage: stage.clone(), begun: Instant::now(), cpu_begun: cpu_seconds() };
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).open.push(open);
        self.inner.begin(stage, total);
    }

    fn advance(&self, stage: &Stage, by: u64) {
        self.inner.advance(stage, by);
    }

    fn end(&self, stage: &Stage, note: &str) {
        self.inner.end(stage, note);
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = clock.open.iter().position(|open| open.stage == *stage) {
            let Open { stage, begun, cpu_begun } = clock.open.remove(at);
            let (seconds, cpu_seconds) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu_begun);
            clock.over.push(StageTime { stage: stage.title(), seconds, cpu_seconds });
        }
    }
}

/// CPU time of this process until now, in seconds.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    #[test]
    fn stages_are_told_when_they_are_over() {
        let timed = Timed::new(Arc::new(Silent));
        timed.begin(&Stage::Load, None);
        timed.begin(&Stage::Resolve, None);
        timed.end(&Stage::Load, "");
        let titles: Vec<_> = timed.stages().into_iter().map(|over| over.stage).collect();
        assert_eq!(titles, [Stage::Load.title()]);
    }
}
