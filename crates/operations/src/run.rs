//! `run`: read the sources, resolve who is who, publish customers.

use crate::error::OperationError;
use crate::ingest::{self, IngestOptions, Overlay};
use crate::population;
use crate::progress::Stage;
use crate::publish::{Plan, Trusts};
use crate::resolve::{Resolved, resolve};
use crate::session::Session;
use crate::settings;
use crate::summary::{CustomerChanges, DeliveryOutcome, DeliverySummary, ResolutionSummary, RunState, RunSummary};
use crate::timing::Timed;
use crate::unlisted::{self, unlisted};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Instant;
use vinculo_normalization::NORMALIZER_VERSION;
use vinculo_project::{Project, Source};
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ContentHash, RunId};
use vinculo_store::{NewRun, Published, RunStatus, SourceRow};

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
    let lock = session.store.lock_run().await?;
    let id = if options.dry_run { None } else { Some(begin(session).await?) };
    let worked = Work { session, options, id, now: Utc::now() }.work(&selected, &retired).await;
    let (seconds, stages) = (begun.elapsed().as_secs_f64(), timed.stages());
    let summary = worked.map(|summary| RunSummary { seconds, stages, ..summary });
    let is_lost = matches!(&summary, Err(OperationError::Store(error)) if error.is_lost());
    let finished = match id {
        // The next run finds that this one ended without a word.
        _ if is_lost => Ok(()),
        Some(id) => finish(session, id, &summary).await,
        None => Ok(()),
    };
    let released = lock.release().await;
    // What went wrong first is told first.
    let summary = summary?;
    finished?;
    released?;
    Ok(summary)
}

async fn begin(session: &Session) -> Result<RunId, OperationError> {
    let config = session.bench.project.config_json();
    let run = NewRun {
        command: "run",
        actor: &session.actor,
        program_version: env!("CARGO_PKG_VERSION"),
        normalizer_version: NORMALIZER_VERSION as i32,
        config: &config,
        config_hash: ContentHasher::new().part(config.to_string().as_bytes()).finish(),
    };
    Ok(session.store.begin_run(&run).await?)
}

async fn finish(
    session: &Session,
    id: RunId,
    summary: &Result<RunSummary, OperationError>,
) -> Result<(), OperationError> {
    let (status, account) = match summary {
        Ok(summary) => {
            let status = if summary.status == RunState::Failed { RunStatus::Failed } else { RunStatus::Done };
            let account = serde_json::to_value(summary)
                .map_err(|_| OperationError::Internal("a summary has no JSON form".into()))?;
            (status, account)
        }
        Err(error) => (RunStatus::Failed, serde_json::json!({"problem": error.to_string()})),
    };
    Ok(session.store.finish_run(id, status, &account).await?)
}

/// A run at work.
struct Work<'a> {
    session: &'a Session,
    options: &'a RunOptions,
    id: Option<RunId>,
    now: DateTime<Utc>,
}

impl Work<'_> {
    async fn work(&self, selected: &[&Source], retired: &[SourceRow]) -> Result<RunSummary, OperationError> {
        let project = &self.session.bench.project;
        let rows = self.source_rows(project).await?;
        let mut overlay = Overlay::default();
        let mut sources = Vec::with_capacity(selected.len());
        let mut renormalized = 0;
        let today = (self.now.timestamp() / 86_400) as i32;
        for (source, row) in project.sources.iter().zip(&rows) {
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
        let state = self.state().await?;
        let stands = self.session.store.last_resolved().await? == Some(state);
        if stands && overlay.is_empty() && !self.options.full {
            summary.customers_total = self.session.store.count_customers().await?;
            return Ok(());
        }
        let resolved = self.resolve(rows, overlay).await?;
        let survivorship = settings::survivorship(&self.session.bench.project)?;
        let trusts = trusts(&self.session.bench.project, rows);
        let plan = Plan::new(self.session, &survivorship, &trusts, &resolved, self.now).await?;
        let published = self.publish(&plan, state, summary).await?;
        summary.customers_total = plan.customers() as u64;
        summary.publication = published.publication;
        summary.last_change = published.publication.map(|_| published.last_change);
        summary.rows = published.rows;
        summary.resolution = resolved.iter().map(account).collect();
        if published.publication.is_some() || self.options.dry_run {
            summary.status = RunState::Done;
        }
        Ok(())
    }

    /// All that the answer depends on: the data, and the settings of resolution and survivorship.
    async fn state(&self) -> Result<ContentHash, OperationError> {
        let data = self.session.store.state_of_data().await?;
        let project = &self.session.bench.project;
        let settings = serde_json::json!([
            &project.resolution,
            &project.survivorship,
            &project.attributes,
            project.sources.iter().map(|source| (&source.name, source.trust)).collect::<Vec<_>>(),
        ]);
        Ok(ContentHasher::new()
            .part(&data.0.to_be_bytes())
            .part(settings.to_string().as_bytes())
            .part(env!("CARGO_PKG_VERSION").as_bytes())
            .finish())
    }

    async fn resolve(&self, rows: &[SourceRow], overlay: &Overlay) -> Result<Vec<Resolved>, OperationError> {
        let progress = &self.session.progress;
        progress.begin(&Stage::Load, None);
        let populations = population::load(self.session, rows, overlay).await?;
        let records: usize = populations.iter().map(population::Population::len).sum();
        progress.end(&Stage::Load, &format!("{records} records"));
        progress.begin(&Stage::Resolve, Some(records as u64));
        let mut resolved = Vec::with_capacity(populations.len());
        for population in populations.into_iter().filter(|population| !population.is_empty()) {
            let records = population.len() as u64;
            resolved.push(resolve(self.session, population, self.id, self.options.full).await?);
            progress.advance(&Stage::Resolve, records);
        }
        let clusters: u64 = resolved.iter().map(|resolved| resolved.resolution.report.clusters).sum();
        progress.end(&Stage::Resolve, &format!("{records} records are {clusters} customers"));
        Ok(resolved)
    }

    async fn publish(
        &self,
        plan: &Plan<'_>,
        state: ContentHash,
        summary: &mut RunSummary,
    ) -> Result<Published, OperationError> {
        let progress = &self.session.progress;
        progress.begin(&Stage::Survive, Some(plan.customers() as u64));
        let threads = self.session.bench.threads.clone();
        let differences = tokio::task::block_in_place(|| threads.install(|| plan.differences(self.session)))?;
        summary.customers = differences.count();
        progress.end(&Stage::Survive, &summary.customers.in_words());
        let Some(run) = self.id else { return Ok(Published::default()) };
        plan.publish(self.session, run, &differences, state).await
    }
}

fn account(resolved: &Resolved) -> ResolutionSummary {
    ResolutionSummary {
        kind: resolved.population.kind,
        model: resolved.model_version,
        training: resolved.training.clone(),
        retraining_due: resolved.retraining_is_due(),
        report: resolved.resolution.report.clone(),
    }
}

fn trusts(project: &Project, rows: &[SourceRow]) -> Trusts {
    rows.iter().zip(&project.sources).map(|(row, source)| (row.id, source.trust)).collect()
}

impl DeliverySummary {
    /// Whether nothing of the delivery counts.
    fn is_broken(&self) -> bool {
        matches!(self.state, DeliveryOutcome::Refused | DeliveryOutcome::Failed)
    }
}

impl CustomerChanges {
    /// The counts in a few words.
    pub fn in_words(&self) -> String {
        let words = [
            (self.created, "created"),
            (self.updated, "updated"),
            (self.merged, "merged"),
            (self.split, "split"),
            (self.ended, "ended"),
        ];
        let some: Vec<String> =
            words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        if some.is_empty() { "nothing changed".into() } else { some.join(", ") }
    }
}
