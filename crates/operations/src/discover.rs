//! `discover`: the streams and columns that each source offers.

use crate::error::OperationError;
use crate::session::Workbench;
use serde::Serialize;
use vinculo_connector::Stream;
use vinculo_project::Source;

/// What a source offers.
#[derive(Debug, Serialize)]
pub struct SourceStreams {
    /// The source.
    pub source: String,
    /// Its streams; empty where it cannot be read.
    pub streams: Vec<Stream>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Looks at each of these sources.
///
/// # Errors
/// An option that a connector refuses.
pub async fn discover(bench: &Workbench, sources: &[&Source]) -> Result<Vec<SourceStreams>, OperationError> {
    let mut found = Vec::with_capacity(sources.len());
    for source in sources {
        let (streams, problem) = match bench.open(source)?.discover().await {
            Ok(streams) => (streams, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        found.push(SourceStreams { source: source.name.clone(), streams, problem });
    }
    Ok(found)
}
