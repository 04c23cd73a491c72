//! Files in a folder of their own, read through the contract.

use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;
use vinculo_connector::{
    Budget, Connector, ConnectorError, Done, Event, Options, Origin, Reader, RefusalCode, RejectCode, Source, Stream,
};
use vinculo_files::Files;

/// A project's folder.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(name, bytes);
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    pub fn open(&self, options: &Value) -> Result<Box<dyn Source>, ConnectorError> {
        Files.open(&as_options(options), self.path())
    }

    pub fn read(&self, options: &Value) -> Result<Delivered, ConnectorError> {
        block_on(async { read_all(self.open(options)?.as_ref(), Budget::default()).await })
    }

    /// The same, with something done once the first record is read.
    pub fn read_while(&self, options: &Value, meanwhile: impl FnOnce()) -> Result<Delivered, ConnectorError> {
        block_on(async {
            let mut reader = self.open(options)?.read(None).await?;
            reader.next(Budget { bytes: 1, rows: 1 }).await?;
            meanwhile();
            read_on(reader.as_mut(), Budget::default()).await
        })
    }

    pub fn discover(&self, options: &Value) -> Result<Vec<Stream>, ConnectorError> {
        block_on(async { self.open(options)?.discover().await })
    }
}

/// Everything that one read gave.
#[derive(Debug, Default)]
pub struct Delivered {
    pub origins: Vec<Origin>,
    /// The cells that are not null, record by record.
    pub records: Vec<Vec<(String, String)>>,
    pub lines: Vec<u64>,
    pub raw: Vec<String>,
    pub rejects: Vec<(u64, Vec<RejectCode>)>,
    pub done: Option<Done>,
}

impl Delivered {
    /// The cells of all records, without their columns.
    pub fn cells(&self) -> Vec<Vec<&str>> {
        let records = self.records.iter();
        records.map(|record| record.iter().map(|(_, cell)| cell.as_str()).collect()).collect()
    }

    /// What was found out about the first file.
    pub fn found(&self, about: &str) -> String {
        let findings = self.origins.first().map(|origin| origin.findings.as_slice()).unwrap_or_default();
        let finding = findings.iter().find(|finding| finding.about == about);
        finding.map_or_else(String::new, ToString::to_string)
    }
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(work)
}

pub fn as_options(options: &Value) -> Options {
    options.as_object().expect("options are an object").clone()
}

/// `options`, with `path` where it is missing.
pub fn with_path(options: &Value, path: &str) -> Value {
    let mut all = as_options(options);
    all.entry("path").or_insert(json!(path));
    Value::Object(all)
}

pub async fn read_all(source: &dyn Source, budget: Budget) -> Result<Delivered, ConnectorError> {
    read_on(source.read(None).await?.as_mut(), budget).await
}

/// All that a reader still has to give.
async fn read_on(reader: &mut dyn Reader, budget: Budget) -> Result<Delivered, ConnectorError> {
    let mut delivered = Delivered::default();
    loop {
        match reader.next(budget).await? {
            Event::Batch(batch) => {
                if delivered.origins.last().is_none_or(|origin| origin.index != batch.origin.index) {
                    delivered.origins.push((*batch.origin).clone());
                }
                for row in 0..batch.len() {
                    let cells = batch.cells.row(row).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
                    delivered.records.push(cells.collect());
                    delivered.raw.push(batch.raw.text(row).to_owned());
                }
                delivered.lines.extend(batch.lines);
                let rejects = batch.rejects.into_iter().map(|reject| (reject.line, reject.codes));
                delivered.rejects.extend(rejects);
            }
            Event::Checkpoint(_) => {}
            Event::Done(done) => {
                delivered.done = Some(done);
                return Ok(delivered);
            }
        }
    }
}

/// The reason of a refusal.
pub fn refusal_code(outcome: Result<Delivered, ConnectorError>) -> Option<RefusalCode> {
    outcome.err()?.refusal().map(|refusal| refusal.code)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 1).expect("memory takes all")
}

pub fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

pub fn utf_16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub fn utf_16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}
