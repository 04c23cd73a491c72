//! What every use case works with.

use crate::error::OperationError;
use crate::progress::Progress;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use vinculo_connector::{Connector, Source as ConnectedSource};
use vinculo_project::{Project, Source};
use vinculo_resolution::encoding::FEW;
use vinculo_store::Store;

/// A project, its connectors, and threads to compute on. Enough for use cases that only look at sources.
#[derive(Clone)]
pub struct Workbench {
    /// What `vinculo.yaml` says.
    pub project: Arc<Project>,
    /// Every kind of connector that this program has.
    pub connectors: Arc<[Box<dyn Connector>]>,
    /// The threads of the engine; it never takes any others.
    pub threads: Arc<ThreadPool>,
}

/// A workbench with the project's store, and somebody to tell how far it is.
#[derive(Clone)]
pub struct Session {
    /// The project, its connectors, its threads.
    pub bench: Workbench,
    /// The project's database.
    pub store: Store,
    /// Where progress is told.
    pub progress: Arc<dyn Progress>,
    /// Who is at work, for the records of runs.
    pub actor: String,
}

/// A pool whose only thread is the one that asked for it first: what is computed there wakes nobody.
static ON_THE_SPOT: LazyLock<Option<ThreadPool>> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().ok());

impl Session {
    /// Computes something of so many records: of few on the thread that asks, if it may.
    pub(crate) fn compute_for<T: Send>(&self, records: usize, work: impl FnOnce() -> T + Send) -> T {
        let is_on_the_spot = || ON_THE_SPOT.as_ref().is_some_and(|pool| pool.current_thread_index().is_some());
        if records < FEW && is_on_the_spot() { work() } else { self.compute(work) }
    }

    /// Computes on the threads of the engine; the caller waits.
    pub(crate) fn compute<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match Handle::current().runtime_flavor() {
            // Nobody else could take over what waits for this thread.
            RuntimeFlavor::CurrentThread => self.bench.threads.install(work),
            _ => block_in_place(|| self.bench.threads.install(work)),
        }
    }
}

impl Workbench {
    /// Opens a source through its connector, without touching disk or network.
    ///
    /// # Errors
    /// An option that the connector refuses, with its place in `vinculo.yaml`.
    pub fn open(&self, source: &Source) -> Result<Box<dyn ConnectedSource>, OperationError> {
        let connector = self.connectors.iter().find(|connector| connector.spec().kind == source.connector);
        let opened = connector.map(|connector| connector.open(&source.options, &self.project.dir));
        match opened {
            Some(Ok(opened)) => Ok(opened),
            Some(Err(vinculo_connector::ConnectorError::Config { option, fault })) => {
                let message = format!("`{option}` {fault}");
                Err(self.project.option_problem(source, &option, &message).into())
            }
            Some(Err(error)) => Err(error.into()),
            // The project's check knows the connectors, so this is a program that was put together wrongly.
            None => Err(OperationError::Configuration(format!("there is no connector `{}`", source.connector))),
        }
    }

    /// The sources of these names, all of them when none is named.
    ///
    /// # Errors
    /// A name that the project does not have.
    pub fn select(&self, names: &[String]) -> Result<Vec<&Source>, OperationError> {
        if let Some(unknown) = names.iter().find(|name| self.project.source(name).is_none()) {
            let known: Vec<_> = self.project.sources.iter().map(|source| source.name.as_str()).collect();
            let message = format!("there is no source `{unknown}`; the project has {}", known.join(", "));
            return Err(OperationError::Configuration(message));
        }
        Ok(self.project.sources.iter().filter(|source| names.is_empty() || names.contains(&source.name)).collect())
    }
}
