//! `vinculo resolve` and `vinculo match`: records of a source as JSON lines on stdin, an answer to each on stdout.

use crate::arguments::{MatchArguments, ResolveArguments};
use crate::exit::Ending;
use crate::output::result;
use std::io::BufRead;
use tokio::sync::mpsc::{Receiver, channel};
use vinculo_operations::Session;
use vinculo_operations::single::{Answer, Ground, Happened, Matcher, resolve_lines};

/// Lines that are read ahead.
const LINES_AHEAD: usize = 64;

pub async fn resolve(session: &Session, own: &ResolveArguments) -> anyhow::Result<Ending> {
    let mut ending = Ending::Done;
    let told = |answer: &Answer| {
        if answer.happened == Happened::Rejected {
            ending = Ending::Failed;
        }
        Ok(result(serde_json::to_string(answer)?)?)
    };
    resolve_lines::<anyhow::Error>(session, &own.source, lines(), told).await?;
    Ok(ending)
}

pub async fn find(session: &Session, own: &MatchArguments) -> anyhow::Result<Ending> {
    let ground = Ground::read(session, &own.source).await?;
    let mut matcher = Matcher::begin(&ground).await?;
    let mut ending = Ending::Done;
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let found = matcher.find(&line?).await?;
        if !found.faults.is_empty() {
            ending = Ending::Failed;
        }
        result(serde_json::to_string(&found)?)?;
    }
    Ok(ending)
}

/// The lines of stdin that say anything, read by a thread of their own: waiting for one holds nothing else up.
fn lines() -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = channel(LINES_AHEAD);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().split(b'\n').map(|line| line.map(|line| line.trim_ascii().to_vec()));
        let mut lines = lines.filter(|line| line.as_ref().map_or(true, |line| !line.is_empty()));
        // Nobody listens any more once the command failed.
        while lines.next().is_some_and(|line| sender.blocking_send(line).is_ok()) {}
    });
    receiver
}
