//! `vinculo resolve` and `vinculo match`: records of a source as JSON lines on stdin, an answer to each on stdout.

use crate::arguments::{MatchArguments, ResolveArguments};
use crate::exit::Ending;
use crate::output::result;
use std::io::BufRead;
use vinculo_operations::Session;
use vinculo_operations::single::{Ground, Happened, Matcher, Resolving};

pub async fn resolve(session: &Session, own: &ResolveArguments) -> anyhow::Result<Ending> {
    let lease = session.store.take_lease("resolve", &session.actor).await?;
    let session = Session { store: lease.store().clone(), ..session.clone() };
    let ended = answer_all(&session, &own.source).await;
    lease.release().await;
    ended
}

async fn answer_all(session: &Session, source: &str) -> anyhow::Result<Ending> {
    let ground = Ground::read(session, source).await?;
    let mut resolving = Resolving::begin(&ground).await?;
    let mut ending = Ending::Done;
    for line in lines() {
        let answer = resolving.resolve(&line?).await?;
        if answer.happened == Happened::Rejected {
            ending = Ending::Failed;
        }
        result(serde_json::to_string(&answer)?)?;
    }
    resolving.end().await?;
    Ok(ending)
}

pub async fn find(session: &Session, own: &MatchArguments) -> anyhow::Result<Ending> {
    let ground = Ground::read(session, &own.source).await?;
    let mut matcher = Matcher::begin(&ground).await?;
    let mut ending = Ending::Done;
    for line in lines() {
        let found = matcher.find(&line?).await?;
        if !found.faults.is_empty() {
            ending = Ending::Failed;
        }
        result(serde_json::to_string(&found)?)?;
    }
    Ok(ending)
}

/// The lines of stdin that say anything.
fn lines() -> impl Iterator<Item = std::io::Result<String>> {
    let lines = std::io::stdin().lock().lines();
    lines.filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()))
}
