//! `run`: read the sources, resolve who is who, publish customers.

use crate::count::counted;
use crate::error::OperationError;
use crate::incremental::{self, Ground, Outcome};
use crate::ingest::{self, IngestOptions, Overlay};
use crate::judge::Judgements;
use crate::population;
use crate::progress::Stage;
use crate::publish::{self, Before, Differences, GoldenRules, InForce, Note, Plan};
use crate::resolve::{Resolved, resolve};
use crate::rules::Rules;
use crate::session::Session;
use crate::summary::{CustomerChanges, DeliverySummary, ResolutionSummary, RunState, RunSummary};
use crate::timing::Timed;
use crate::turn;
use crate::undo::taken_back;
use crate::unlisted::{self, unlisted};
use chrono::{DateTime, Utc};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use vinculo_normalization::NORMALIZER_VERSION;
use vinculo_project::{Project, Source};
use vinculo_records::hash::ContentHasher;
use vinculo_records::{AuditHead, RunId};
use vinculo_store::audit::Early;
use vinculo_store::{Basis, KeyChange, NewRun, Publication, Published, Relayed, RunStatus, SourceRow, StoreError};

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Read only these sources; all of them when empty.
    pub select: Vec<String>,
    /// Write nothing; find out what would change.
    pub dry_run: bool,
    /// Train anew and resolve everything, even if nothing changed.
    pub full: bool,
    /// Accept snapshots that delete more than a tenth of a source's records.
    pub allow_shrink: bool,
    /// Delete the records of these sources, which the project no longer has.
    pub retire: Vec<String>,
    /// Read no source: follow what persons have judged.
    pub only_judgements: bool,
}

/// Reads, resolves, publishes. A source that fails is part of the summary; the others are published.
///
/// # Errors
/// Wrong settings; another run at work; a failing store.
pub async fn run(session: &Session, options: &RunOptions) -> Result<RunSummary, OperationError> {
    let begun = Instant::now();
    let timed = Arc::new(Timed::new(session.progress.clone()));
    let session = &Session { progress: timed.clone(), ..session.clone() };
    let selected = session.bench.select(&options.select)?;
    let retired = unlisted::to_retire(&session.store, &session.bench.project, &options.retire).await?;
    // A dry run takes it too: what it compares with must not move meanwhile.
    let command = if options.dry_run { "run --dry-run" } else { "run" };
    let lease = turn::take(session, command).await?;
    let session = &Session { store: lease.store().clone(), ..session.clone() };
    let id = if options.dry_run { None } else { Some(begin(session).await?) };
    let early = OnceLock::new();
    let worked = match (Work { session, options, id, now: Utc::now(), early: &early }).work(&selected, &retired).await {
        Err(OperationError::Store(error)) => Err(OperationError::Store(lease.explain(error).await)),
        worked => worked,
    };
    let (seconds, stages) = (begun.elapsed().as_secs_f64(), timed.stages());
    let summary = worked.map(|summary| RunSummary { seconds, stages, ..summary });
    let is_lost = matches!(&summary, Err(OperationError::Store(error)) if error.is_lost());
    let finished = match id {
        // The next run finds that this one ended without a word.
        _ if is_lost => Ok(None),
        Some(id) => finish(session, id, &summary, &early.into_inner().unwrap_or_default()).await.map(Some),
        None => Ok(None),
    };
    lease.release().await;
    // What went wrong first is told first.
    let summary = summary?;
    let (seconds, stages) = (begun.elapsed().as_secs_f64(), timed.stages());
    Ok(RunSummary { audit: finished?, seconds, stages, ..summary })
}

async fn begin(session: &Session) -> Result<RunId, OperationError> {
    let config = session.bench.project.config_json();
    Ok(session.store.begin_run(&new_run(session, "run", &config)).await?)
}

/// A call of a command, as the store keeps it; `config` is the project's.
pub(crate) fn new_run<'a>(session: &'a Session, command: &'a str, config: &'a serde_json::Value) -> NewRun<'a> {
    NewRun {
        command,
        actor: &session.actor,
        program_version: env!("CARGO_PKG_VERSION"),
        normalizer_version: NORMALIZER_VERSION as i32,
        config,
        config_hash: ContentHasher::new().part(config.to_string().as_bytes()).finish(),
    }
}

async fn finish(
    session: &Session,
    id: RunId,
    summary: &Result<RunSummary, OperationError>,
    early: &Early,
) -> Result<AuditHead, OperationError> {
    let (status, account) = match summary {
        Ok(summary) => {
            let status = if summary.status == RunState::Failed { RunStatus::Failed } else { RunStatus::Done };
            let account = serde_json::to_value(summary)
                .map_err(|_| OperationError::Internal("a summary has no JSON form".into()))?;
            (status, account)
        }
        Err(error) => (RunStatus::Failed, serde_json::json!({"problem": error.to_string()})),
    };
    session.progress.begin(&Stage::Audit, None);
    let head = session.store.finish_run_with(id, status, &account, early).await?;
    session.progress.end(&Stage::Audit, &format!("block {}", head.block));
    Ok(head)
}

/// A run at work.
struct Work<'a> {
    session: &'a Session,
    options: &'a RunOptions,
    id: Option<RunId>,
    now: DateTime<Utc>,
    /// What was hashed for the audit chain while the server wrote.
    early: &'a OnceLock<Early>,
}

impl Work<'_> {
    async fn work(&self, selected: &[&Source], retired: &[SourceRow]) -> Result<RunSummary, OperationError> {
        let project = &self.session.bench.project;
        let rows = self.source_rows(project).await?;
        let mut overlay = Overlay::default();
        let mut sources = Vec::with_capacity(selected.len());
        let mut renormalized = 0;
        let today = (self.now.timestamp() / 86_400) as i32;
        let read = if self.options.only_judgements { &[] } else { &*project.sources };
        for (source, row) in read.iter().zip(&rows) {
            let anew = match self.id {
                Some(_) => ingest::renormalize(self.session, source, row).await,
                None => ingest::renormalize_in_memory(self.session, source, row, &mut overlay).await,
            };
            match anew {
                Ok(count) => renormalized += count,
                Err(error @ OperationError::Configuration(_)) => {
                    sources.push(ingest::failed(source, &error));
                    continue;
                }
                Err(error) => return Err(error),
            }
            if selected.iter().any(|chosen| chosen.name == source.name) {
                let options = IngestOptions { run: self.id, allow_shrink: self.options.allow_shrink, today };
                sources.push(ingest::ingest(self.session, source, row, options, &mut overlay).await?);
            }
        }
        for row in retired {
            sources.push(unlisted::retire(self.session, row, self.id, today, &mut overlay).await?);
        }
        let mut unlisted = unlisted(&self.session.store, project).await?;
        unlisted.retain(|unlisted| !self.options.retire.contains(&unlisted.source));
        let mut summary = RunSummary {
            run: self.id.map(|id| id.0),
            status: RunState::Unchanged,
            dry_run: self.options.dry_run,
            seconds: 0.0,
            stages: Vec::new(),
            sources,
            unlisted,
            renormalized,
            resolution: Vec::new(),
            customers: CustomerChanges::default(),
            customers_total: 0,
            publication: None,
            last_change: None,
            rows: Default::default(),
            audit: None,
            taken_back: None,
        };
        self.resolve_and_publish(&rows, &overlay, &mut summary).await?;
        if summary.sources.iter().any(DeliverySummary::is_broken) {
            summary.status = RunState::Failed;
        }
        Ok(summary)
    }

    async fn source_rows(&self, project: &Project) -> Result<Vec<SourceRow>, OperationError> {
        let names: Vec<&str> = project.sources.iter().map(|source| source.name.as_str()).collect();
        Ok(match self.id {
            Some(_) => self.session.store.register_sources(&names).await?,
            None => self.session.store.foresee_sources(&names).await?,
        })
    }

    /// Resolves what is current and publishes the differences; nothing of it where nothing changed.
    async fn resolve_and_publish(
        &self,
        rows: &[SourceRow],
        overlay: &Overlay,
        summary: &mut RunSummary,
    ) -> Result<(), OperationError> {
        let store = &self.session.store;
        let rules = Rules::read(self.session).await?;
        let judgements = Judgements::read(store).await?;
        let state = rules.state(&store.state_of_data().await?, judgements.digest());
        if store.stands(state).await? && overlay.is_empty() && !self.options.full {
            summary.customers_total = store.count_customers().await?;
            summary.taken_back = taken_back(store).await?;
            return Ok(());
        }
        let unresolved = store.unresolved().await?;
        let ground = Ground { rows, rules: &rules, judgements: &judgements };
        let part = match self.id.filter(|_| !self.options.full) {
            Some(run) => incremental::resolve_changes(self.session, run, ground, &unresolved).await?,
            None => None,
        };
        let outcome = match part {
            Some(outcome) => outcome,
            None => self.resolve_all(ground, overlay).await?,
        };
        let golden = GoldenRules::read(self.session, rows).await?;
        let number = store.next_publication().await?;
        let plan = self.session.compute(|| Plan::new(&golden, &outcome, number, self.now));
        let differences = self.differences(&plan, summary);
        let published = match self.id {
            Some(run) => {
                let basis = Basis {
                    deliveries: &unresolved.deliveries,
                    keys: &outcome.keys,
                    last_judgement: judgements.last(),
                };
                let in_force = InForce::read(self.session, &outcome).await?;
                let send = async |publication: &Publication<'_>| self.send(publication, outcome.is_part()).await;
                plan.publish(&differences, in_force, Note { run, state, basis }, send).await?
            }
            None => {
                differences.check()?;
                Published::default()
            }
        };
        summary.customers_total =
            if outcome.is_part() { store.count_customers().await? } else { plan.customers() as u64 };
        summary.publication = published.publication;
        summary.last_change = published.publication.map(|_| published.last_change);
        summary.rows = published.rows;
        summary.resolution = outcome.resolved.iter().map(|resolved| account(resolved, &outcome)).collect();
        if published.publication.is_some() || (self.options.dry_run && summary.customers != CustomerChanges::default())
        {
            summary.status = RunState::Done;
        }
        Ok(())
    }

    /// Sends a publication. While the server writes that of a whole resolution, rows are hashed for the audit chain.
    async fn send(&self, publication: &Publication<'_>, is_part: bool) -> Result<Published, StoreError> {
        if is_part {
            return publish::send(self.session, publication).await;
        }
        let (followed, following) = Relayed::new(publication.customers);
        // Whoever follows hears of the end when the rows that he follows are dropped.
        let publish = async move {
            let publication = Publication { customers: &followed, ..*publication };
            publish::send(self.session, &publication).await
        };
        let (published, early) = tokio::join!(publish, self.session.store.hash_early(publication, following));
        // What was not hashed early is hashed when the run ends.
        if let (Ok(_), Ok(early)) = (&published, early) {
            _ = self.early.set(early);
        }
        published
    }

    async fn resolve_all(&self, ground: Ground<'_>, overlay: &Overlay) -> Result<Outcome, OperationError> {
        let mut resolved = self.resolve(ground, overlay).await?;
        let anew = resolved.iter_mut().map(|resolved| incremental::keys::anew(self.session, resolved, ground.rules));
        let keys =
            anew.filter_map(Result::transpose).map(|base| base.map(KeyChange::Anew)).collect::<Result<_, _>>()?;
        let before = Before::all(&self.session.store).await?;
        Ok(Outcome { resolved, before, keys, part: None, known: Vec::new(), halvings: Default::default() })
    }

    async fn resolve(&self, ground: Ground<'_>, overlay: &Overlay) -> Result<Vec<Resolved>, OperationError> {
        let progress = &self.session.progress;
        progress.begin(&Stage::Load, None);
        let populations = population::load(self.session, ground.rows, overlay, ground.judgements).await?;
        let records: usize = populations.iter().map(population::Population::len).sum();
        progress.end(&Stage::Load, &counted(records as u64, "record", "records"));
        progress.begin(&Stage::Resolve, Some(records as u64));
        let mut resolved = Vec::with_capacity(populations.len());
        for population in populations.into_iter().filter(|population| !population.is_empty()) {
            let records = population.len() as u64;
            resolved.push(resolve(self.session, population, self.id, self.options.full, ground.judgements).await?);
            progress.advance(&Stage::Resolve, records);
        }
        let clusters: u64 = resolved.iter().map(|resolved| resolved.resolution.report.clusters).sum();
        let (records, customers) =
            (counted(records as u64, "record is", "records are"), counted(clusters, "customer", "customers"));
        progress.end(&Stage::Resolve, &format!("{records} {customers}"));
        Ok(resolved)
    }

    fn differences<'p>(&self, plan: &'p Plan<'_>, summary: &mut RunSummary) -> Differences<'p> {
        let progress = &self.session.progress;
        progress.begin(&Stage::Survive, Some(plan.customers() as u64));
        let differences = self.session.compute(|| plan.differences(self.session));
        summary.customers = differences.count();
        progress.end(&Stage::Survive, &summary.customers.in_words());
        differences
    }
}

fn account(resolved: &Resolved, outcome: &Outcome) -> ResolutionSummary {
    ResolutionSummary {
        kind: resolved.population.kind,
        part: outcome.is_part(),
        model: resolved.model_version,
        training: resolved.training.clone(),
        retraining_due: resolved.retraining_is_due(),
        report: resolved.resolution.report.clone(),
    }
}
