//! The connector contract over the synchronous code: everything that touches the disk runs on a blocking thread.

use crate::delivery::Delivery;
use crate::listing::{SourceFile, list};
use crate::look;
use crate::options::{SPEC, Settings};
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vinculo_connector::{
    Budget, CheckStep, Checkpoint, Connector, ConnectorError, Event, Options, Reader, Source, Spec, Stream,
};

/// The connector `files`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files;

impl Connector for Files {
    fn spec(&self) -> Spec {
        SPEC
    }

    fn open(&self, options: &Options, base: &Path) -> Result<Box<dyn Source>, ConnectorError> {
        Ok(Box::new(FileSource {
            settings: Arc::new(Settings::new(options)?),
            options: options.clone(),
            base: base.to_owned(),
        }))
    }
}

#[derive(Debug, Clone)]
struct FileSource {
    settings: Arc<Settings>,
    options: Options,
    base: PathBuf,
}

impl FileSource {
    fn list(&self) -> Result<Vec<SourceFile>, ConnectorError> {
        list(&self.settings.paths, &self.base)
    }
}

#[async_trait]
impl Source for FileSource {
    async fn check(&self) -> Vec<CheckStep> {
        let source = self.clone();
        let steps = blocking(move || Ok(look::check(source.list(), &source.settings))).await;
        steps.unwrap_or_else(|error| vec![CheckStep { name: "files".into(), outcome: Err(error) }])
    }

    async fn discover(&self) -> Result<Vec<Stream>, ConnectorError> {
        let source = self.clone();
        blocking(move || look::discover(&source.list()?, &source.settings)).await
    }

    async fn read(&self, resume: Option<Checkpoint>) -> Result<Box<dyn Reader>, ConnectorError> {
        let source = self.clone();
        let delivery = blocking(move || {
            let files = source.list()?;
            Delivery::begin(files, source.settings, &source.options, resume)
        });
        Ok(Box::new(FileReader { delivery: Some(delivery.await?) }))
    }
}

/// Lends the delivery to a blocking thread for each event. What is not given back, because it failed or because nobody
/// waited for it, is spent.
struct FileReader {
    delivery: Option<Delivery>,
}

#[async_trait]
impl Reader for FileReader {
    async fn next(&mut self, budget: Budget) -> Result<Event, ConnectorError> {
        let Some(mut delivery) = self.delivery.take() else {
            return Err(ConnectorError::system("cannot read on", "the reader is spent"));
        };
        let (delivery, event) = blocking(move || {
            let event = delivery.next(budget)?;
            Ok((delivery, event))
        })
        .await?;
        self.delivery = Some(delivery);
        Ok(event)
    }

    async fn ack(&mut self, _: &Checkpoint) -> Result<(), ConnectorError> {
        Ok(())
    }
}

/// Runs work that waits for the disk. What a panic says may quote the data, so it is not passed on.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ConnectorError> + Send + 'static,
) -> Result<T, ConnectorError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|_| Err(ConnectorError::system("cannot read files", "the reader broke down")))
}
