//! Time and memory of a process, as Linux tells them in `/proc`.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// How often a process is looked at. Its peak is a high-water mark, so only growth in the very last moment is missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a process took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// On all cores together, user and system.
    pub cpu: Duration,
    /// The most physical memory it had at once, in bytes.
    pub peak: u64,
}

/// A process that is looked at while it runs.
pub struct Watched {
    child: Child,
    begun: Instant,
    peak: u64,
}

impl Watched {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let begun = Instant::now();
        let child = command.spawn().context("the program cannot be started")?;
        Ok(Self { child, begun, peak: 0 })
    }

    /// The process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Looks at it until it ends by itself or `enough` says so; then it is ended. Gives what it took up to then.
    pub fn until(mut self, enough: impl Fn() -> bool) -> Result<(Usage, ExitStatus)> {
        let pid = self.child.id();
        loop {
            // The order matters: what is seen after the end, or after `enough`, must be all there is to see.
            let is_over = has_ended(pid)? || enough();
            self.peak = self.peak.max(peak(pid).unwrap_or_default());
            if is_over {
                break;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        let wall = self.begun.elapsed();
        // A process that ended but was not waited for still has its times.
        let cpu = cpu(pid).context("the process is gone before it was waited for")?;
        // It may have ended by itself.
        self.child.kill().ok();
        let status = self.child.wait()?;
        Ok((Usage { wall, cpu, peak: self.peak }, status))
    }
}

/// Whether a child has ended; it can still be waited for.
fn has_ended(pid: u32) -> Result<bool> {
    let pid = Pid::from_raw(i32::try_from(pid)?).context("a process has a number")?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// The CPU time of a Postgres server: its first process, the living ones it started, and those that have ended.
pub fn server_cpu(first: i32) -> Result<Duration> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else { continue };
        let Some(times) = Times::read(&stat) else { continue };
        if times.pid == first {
            ticks += times.own + times.ended_children;
        } else if times.parent == first {
            ticks += times.own;
        }
    }
    Ok(from_ticks(ticks))
}

/// The high-water mark of a process's memory, in bytes; none when it has ended.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn cpu(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    Times::read(&stat).map(|times| from_ticks(times.own))
}

fn from_ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// What a line of `/proc/PID/stat` tells of times, in clock ticks.
#[derive(Debug, PartialEq, Eq)]
struct Times {
    pid: i32,
    parent: i32,
    own: u64,
    ended_children: u64,
}

impl Times {
    fn read(stat: &str) -> Option<Self> {
        let (pid, rest) = stat.split_once(" (")?;
        // The name of a program may hold brackets and spaces.
        let (_, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            pid: pid.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            ended_children: number(13)? + number(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_brackets_in_its_name_is_read() {
        let stat = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 1 0 5 6 7";
        assert_eq!(Times::read(stat), Some(Times { pid: 42, parent: 7, own: 33, ended_children: 77 }));
        assert_eq!(Times::read("42"), None);
    }

    #[test]
    fn a_process_is_measured_after_it_ended_and_ended_when_enough_is_seen() -> Result<()> {
        let (usage, status) = Watched::start(Command::new("sleep").arg("0.1"))?.until(|| false)?;
        assert!(status.success() && usage.peak > 0 && usage.wall >= Duration::from_millis(100), "{usage:?}");
        let (_, status) = Watched::start(Command::new("sleep").arg("60"))?.until(|| true)?;
        assert!(!status.success());
        Ok(())
    }
}
