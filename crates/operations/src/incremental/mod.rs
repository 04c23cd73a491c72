//! Resolving only what changed since the last resolution; the answer is that of resolving everything.
//!
//! | module | what it does |
//! |---|---|
//! | [`scope`] | what of a kind is resolved: a part, or all of it |
//! | [`growth`] | from the records that changed to all that they may touch |
//! | [`crowding`] | blocks that outgrew their limits |
//! | [`keys`] | what the store keeps, so that records are found again |

mod crowding;
mod growth;
pub(crate) mod keys;
mod scope;

pub(crate) use growth::{Growth, OneChange, records_of};
pub(crate) use scope::Scope;

use crate::count::{counted, number};
use crate::error::OperationError;
use crate::judge::Judgements;
use crate::population::{Population, Sources};
use crate::progress::Stage;
use crate::publish::Before;
use crate::resolve::{self, FrozenModel, Resolved, comparables, following};
use crate::rules::Rules;
use crate::session::Session;
use scope::Frozen;
use std::sync::Arc;
use vinculo_records::{Kind, RecordId, RunId};
use vinculo_resolution::incremental::{self, Halvings};
use vinculo_store::{KeyBase, KeyChange, Reading, SourceRow, Unresolved};

/// One of so many records may be touched: from then on resolving everything costs less. A record costs a part some four
/// times what it costs a whole resolution, which reads in order and looks up nothing.
const PART_MAX: u64 = 4;
/// One of so many keys may have come since all were packed: then they are packed again, by resolving everything.
const ADDED_MAX: u64 = 10;

/// What a resolution follows beside the records.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'g> {
    /// The sources of the project.
    pub(crate) rows: &'g [SourceRow],
    /// The rules in force.
    pub(crate) rules: &'g Rules,
    /// The judgements in force.
    pub(crate) judgements: &'g Judgements,
}

/// Records that were resolved together, and all that publishing them needs.
pub(crate) struct Outcome {
    /// The records of each kind.
    pub(crate) resolved: Vec<Resolved>,
    /// What stands before.
    pub(crate) before: Before,
    /// What becomes of their keys.
    pub(crate) keys: Vec<KeyChange>,
    /// The records that a change may touch, those that are gone among them; none where everything was resolved.
    pub(crate) part: Option<Vec<RecordId>>,
    /// Those of them that were resolved before: of others nothing stands.
    pub(crate) known: Vec<RecordId>,
    /// The blocks that are halved now, of each kind of which a part was resolved.
    pub(crate) halvings: [Halvings; 2],
}

impl Outcome {
    /// Whether there are other records that stay as they are.
    pub(crate) fn is_part(&self) -> bool {
        self.part.is_some()
    }
}

/// Resolves what deliveries and judgements changed; none where everything is to be resolved.
///
/// # Errors
/// When the store fails.
pub(crate) async fn resolve_changes(
    session: &Session,
    run: RunId,
    ground: Ground<'_>,
    unresolved: &Unresolved,
) -> Result<Option<Outcome>, OperationError> {
    let mut reading = session.store.reading().await?;
    let bases = reading.surroundings().bases().await?;
    let most = bases.iter().map(|base| base.records).sum::<u64>() / PART_MAX;
    if unresolved.versions > most {
        return Ok(None);
    }
    let Some(scopes) = scopes(session, &mut reading, bases, ground.rules).await? else { return Ok(None) };
    let mut changed = session.store.records_in(&unresolved.deliveries).await?;
    changed.extend(&unresolved.judged);
    changed.sort_unstable();
    changed.dedup();
    let sources = Sources::read(session, ground.rows, ground.judgements).await?;
    let mut growth = Growth::new(session, &sources, ground.judgements, reading.surroundings(), scopes);
    let progress = &session.progress;
    progress.begin(&Stage::Resolve, Some(changed.len() as u64));
    if !growth.grow(&changed, usize::try_from(most).unwrap_or(usize::MAX)).await? {
        progress.end(&Stage::Resolve, "what changed touches so many records that all are resolved");
        return Ok(None);
    }
    let outcome = growth.finish(run, ground.rules).await?;
    let records: u64 = outcome.resolved.iter().map(|resolved| resolved.population.len() as u64).sum();
    let (changed, records) = (counted(changed.len() as u64, "changed record", "changed records"), number(records));
    progress.end(&Stage::Resolve, &format!("{changed} and all that they touch, {records} in all"));
    Ok(Some(outcome))
}

/// What of each kind is to be resolved; none where everything is.
async fn scopes(
    session: &Session,
    reading: &mut Reading,
    bases: Vec<KeyBase>,
    rules: &Rules,
) -> Result<Option<[Scope; 2]>, OperationError> {
    let mut scopes = Kind::ALL.map(|_| Scope::all(None));
    for base in bases {
        let stands = serde_json::from_value::<Rules>(base.rules.clone()).is_ok_and(|then| then.stand_under(rules));
        let Some(newest) = resolve::newest_model(session, base.kind).await? else { return Ok(None) };
        let Some(frozen) = newest.frozen.filter(|_| stands && newest.version == base.model) else { return Ok(None) };
        if !newest.is_packed {
            resolve::pack(session, base.kind, newest.version, &frozen).await?;
        }
        if !resolve::is_lasting(&session.bench.project, &frozen) {
            continue;
        }
        let kind = base.kind;
        scopes[kind as usize] = match incremental::is_local(&frozen.plan, &frozen.model) {
            true if base.added > base.entries / ADDED_MAX => return Ok(None),
            true => Scope::part(Arc::new(base), frozen, reading.surroundings().halved_blocks(kind).await?),
            false => Scope::all(Some((newest.version, frozen))),
        };
    }
    let is_part = scopes.iter().any(|scope| matches!(scope, Scope::Part(_)));
    Ok(is_part.then_some(scopes))
}

impl Growth<'_, '_> {
    /// Resolves what was found, and reads what stands of it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn finish(mut self, run: RunId, rules: &Rules) -> Result<Outcome, OperationError> {
        let part: Vec<RecordId> = self.part.iter().copied().collect();
        let known: Vec<RecordId> = self.part.difference(&self.newcomers).copied().collect();
        let before = Before::around(&mut self.around, &known, self.had_others).await?;
        let (mut resolved, mut keys, mut halvings) = (Vec::new(), Vec::new(), <[Halvings; 2]>::default());
        for kind in Kind::ALL {
            let positions = self.positions(kind, part.iter().copied());
            let population = self.known[kind as usize].select(&positions);
            match self.scopes[kind as usize].take() {
                Some(Scope::Part(frozen)) => {
                    resolved.extend(resolve_part(self.session, self.judgements, &frozen, population));
                    keys.push(KeyChange::Added { kind, entries: frozen.keys, halved: frozen.moved });
                    halvings[kind as usize] = frozen.halvings;
                }
                Some(Scope::All { frozen, is_touched: true }) if !population.is_empty() => {
                    let mut all = match frozen {
                        Some((version, model)) => {
                            resolve::resolve_under(self.session, population, version, model, self.judgements)
                        }
                        None => resolve::resolve(self.session, population, Some(run), false, self.judgements).await?,
                    };
                    keys.extend(keys::anew(self.session, &mut all, rules)?.map(KeyChange::Anew));
                    resolved.push(all);
                }
                _ => {}
            }
        }
        Ok(Outcome { resolved, before, keys, part: Some(part), known, halvings })
    }
}

fn resolve_part(
    session: &Session,
    judgements: &Judgements,
    frozen: &Frozen,
    population: Population,
) -> Option<Resolved> {
    if population.is_empty() {
        return None;
    }
    let FrozenModel { plan, model } = &*frozen.model;
    let resolution = session.compute_for(population.len(), || {
        let records = comparables(&session.bench.project, &population);
        incremental::resolve_part(plan, model, &records, &frozen.halvings, following(judgements))
    });
    Some(Resolved {
        population,
        resolution,
        frozen: frozen.model.clone(),
        model_version: Some(frozen.base.model),
        training: None,
        keys: None,
        of_records: frozen.base.records,
    })
}
