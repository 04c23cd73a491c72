//! Lines one after the other, in turns: the lease is held while lines come, and given back when none does or somebody
//! waits for it.

use super::Ground;
use super::resolving::{Answer, Resolving};
use crate::error::OperationError;
use crate::session::Session;
use crate::turn;
use std::io;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};

/// A turn ends when no line has come for so long: beginning another one costs some commits.
const IDLE_MAX: Duration = Duration::from_secs(1);
/// While lines keep coming a turn lasts at least so long, so that two who take turns do not only take turns.
const TURN_MIN: Duration = Duration::from_secs(1);
/// How often somebody who waits is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longer than whoever waits lets pass between two looks at the lease.
const GIVE_WAY: Duration = Duration::from_millis(150);

/// A line, or why there is none.
type Line = io::Result<Vec<u8>>;

/// Resolves the records that lines say, one after the other, and tells each answer. What decides about them is read again
/// when another command has written meanwhile.
///
/// # Errors
/// As [`Ground::read`] and [`Resolving::resolve`]; a command that works too long beside; whatever `told` fails with.
pub async fn resolve_lines<E: From<OperationError> + From<io::Error>>(
    session: &Session,
    source: &str,
    mut lines: Receiver<Line>,
    mut told: impl FnMut(&Answer) -> Result<(), E>,
) -> Result<(), E> {
    // A source that does not exist is told before any line comes.
    session.bench.select(&[source.to_owned()])?;
    let mut ground = None;
    let mut next = lines.recv().await;
    while let Some(line) = next {
        let lease = turn::take(session, turn::RESOLVE).await?;
        let under = Session { store: lease.store().clone(), ..session.clone() };
        let worked = take_turn(&under, source, &mut ground, (line, &mut lines), &mut told).await;
        lease.release().await;
        next = match worked? {
            Some(line) => {
                sleep(GIVE_WAY).await;
                Some(line)
            }
            None => lines.recv().await,
        };
    }
    Ok(())
}

/// Resolves lines from this one on, until none is at hand or somebody waits who is to come first: then the line that is
/// left is given back.
async fn take_turn<E: From<OperationError> + From<io::Error>>(
    session: &Session,
    source: &str,
    ground: &mut Option<Ground>,
    (first, lines): (Line, &mut Receiver<Line>),
    told: &mut impl FnMut(&Answer) -> Result<(), E>,
) -> Result<Option<Line>, E> {
    let known = match ground.take() {
        Some(known) => known.still(session).await?,
        None => None,
    };
    let known = match known {
        Some(known) => known,
        None => Ground::read(session, source).await?,
    };
    let known = ground.insert(known);
    let mut resolving = Resolving::begin(known).await?;
    let (begun, mut looked) = (Instant::now(), Instant::now());
    let mut line = first;
    let left = loop {
        told(&resolving.resolve(&line?).await?)?;
        let Some(next) = next_at_hand(session, lines).await? else { break None };
        if begun.elapsed() >= TURN_MIN && looked.elapsed() >= LOOK_EVERY {
            looked = Instant::now();
            if session.store.is_awaited().await.map_err(OperationError::from)? {
                break Some(next);
            }
        }
        line = next;
    };
    resolving.end().await?;
    Ok(left)
}

/// The next line, if one comes before the turn is over for want of lines.
async fn next_at_hand(session: &Session, lines: &mut Receiver<Line>) -> Result<Option<Line>, OperationError> {
    let begun = Instant::now();
    while begun.elapsed() < IDLE_MAX {
        match timeout(LOOK_EVERY, lines.recv()).await {
            Ok(next) => return Ok(next),
            Err(_) if session.store.is_awaited().await? => break,
            Err(_) => {}
        }
    }
    Ok(None)
}
