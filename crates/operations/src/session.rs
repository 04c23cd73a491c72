//! What every use case works with.

use crate::error::OperationError;
use crate::progress::Progress;
use rayon::ThreadPool;
use std::sync::Arc;
use vinculo_connector::{Connector, Source as ConnectedSource};
use vinculo_project::{Project, Source};
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

impl Session {
    /// Computes on the threads of the engine; the caller waits.
    pub(crate) fn compute<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        tokio::task::block_in_place(|| self.bench.threads.install(work))
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
