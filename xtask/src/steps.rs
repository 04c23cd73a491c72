//! Runs named steps and keeps their times.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// The steps of one command, in the order in which they ran.
#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Steps {
    /// Announces a step, runs it, and names it if it fails.
    pub fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n==> {name}");
        let began = Instant::now();
        let outcome = work();
        self.done.push((name, began.elapsed(), outcome.is_ok()));
        outcome.with_context(|| format!("step \"{name}\""))
    }

    /// Prints how long each step took; nothing if there were none.
    pub fn print_times(&self) {
        if self.done.is_empty() {
            return;
        }
        println!();
        for (name, time, succeeded) in &self.done {
            let verdict = if *succeeded { "" } else { "  FAILED" };
            println!("{:>8.1} s  {name}{verdict}", time.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, time, _)| *time).sum();
        let verdict = if self.done.iter().all(|(_, _, succeeded)| *succeeded) { "all succeeded" } else { "failed" };
        println!("{:>8.1} s  in all: {verdict}", total.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_named_and_counted() {
        let mut steps = Steps::default();
        let error = steps.run("build", || -> Result<()> { anyhow::bail!("no compiler") }).expect_err("it fails");
        assert_eq!(format!("{error:#}"), "step \"build\": no compiler");
        assert!(!steps.done[0].2);
    }
}
