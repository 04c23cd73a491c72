//! A command that is held up in the middle of its work, for as long as a test needs.

use crate::{Outcome, Stage};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A command of the program that stands still. It ends with this value at the latest.
#[derive(Debug)]
pub struct Held(Option<Child>);

impl Stage {
    /// Starts `vinculo` and waits until it stands still at a commit: `commit-before` or `commit-after`, when as many
    /// commits have gone by as `skipped` says. However slow the machine is, it is there and nowhere else.
    ///
    /// # Panics
    /// When it cannot be started, or ends before it comes so far.
    pub async fn hold(&self, arguments: &[&str], point: &str, skipped: usize) -> Held {
        let mut command = self.command(arguments);
        command.env("FAILPOINTS", format!("{point}={skipped}*off->1*return(stop)"));
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vinculo can be started");
        let held = Held(Some(process));
        while !held.stands_still() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        held
    }
}

impl Held {
    /// The number of the process.
    ///
    /// # Panics
    /// Never.
    pub fn id(&self) -> u32 {
        self.0.as_ref().expect("a process until it is let go").id()
    }

    /// Lets it go on, and waits until it has ended.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn let_go(mut self) -> Outcome {
        let told = Command::new("kill").args(["-CONT", &self.id().to_string()]).status();
        assert!(told.expect("kill").success());
        let process = self.0.take().expect("a process until it is let go");
        process.wait_with_output().expect("the command has ended").into()
    }

    fn stands_still(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).expect("the state of a process");
        // The state stands behind the name, in which anything may stand.
        let state = status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        assert_ne!(state, Some('Z'), "the command ended before it came so far");
        state == Some('T')
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(process) = &mut self.0 {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
