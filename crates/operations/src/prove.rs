//! `prove`: that a record version stood in the database when a run ended, to be checked by anybody without the database.
//!
//! A proof holds the rows themselves (the source, the record, the version), the salts of their leaves, the ways from the
//! leaves to the roots of their blocks, and all blocks from there to the end of the chain. Who kept any of those blocks'
//! hashes when it was printed needs to trust nobody.

use crate::error::OperationError;
use crate::session::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use vinculo_records::{AuditBlock, AuditHead, AuditSpan, Salt, TreeHash, merkle};
use vinculo_store::audit::{ProvedRow, decode_row};

/// What the file says it is.
const FORMAT: &str = "vinculo proof 1";

/// That a version of a record is in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Which form this is.
    pub format: String,
    /// The source, the record and the version, each with its proof.
    pub rows: Vec<RowProof>,
    /// The blocks from the first one that is needed to the end of the chain.
    pub chain: Vec<AuditBlock>,
    /// The hash of the last of them.
    pub head: AuditHead,
}

/// That a row is in a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowProof {
    /// The table.
    pub relation: String,
    /// Its id.
    pub id: i64,
    /// What the row says, column by column.
    pub says: Map<String, Value>,
    /// The same as the bytes that the leaf stands for, in hexadecimal digits.
    pub content: String,
    /// What keeps the leaf from being guessed, in hexadecimal digits; none for rows without personal values.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub salt: Option<String>,
    /// The leaf.
    pub leaf: TreeHash,
    /// The span that it is in.
    pub span: AuditSpan,
    /// From the leaf to the root of the span, the lowest first.
    pub path: Vec<TreeHash>,
    /// The block.
    pub block: i64,
    /// The place of the span in the block, from 0.
    pub place: u64,
    /// How many spans the block has.
    pub spans: u64,
    /// From the leaf of the span to the root of the block, the lowest first.
    pub block_path: Vec<TreeHash>,
}

/// What a proof was found to prove.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proved {
    /// Why it proves nothing; none where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What is proved to have been in the database, row by row; nothing where it does not hold.
    pub rows: Vec<ProvedContent>,
    /// The last block, under whose hash all of this is.
    pub head: AuditHead,
    /// The block that has the hash which was kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<i64>,
}

/// A row that is proved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvedContent {
    /// The table.
    pub relation: String,
    /// The block that covers it.
    pub block: i64,
    /// The run that wrote the block.
    pub run: i64,
    /// What the row says.
    pub says: Map<String, Value>,
}

/// Proves a version of a record; the current one when none is named.
///
/// # Errors
/// An unknown record or version, or one that no block covers yet; a store that cannot be read.
pub async fn prove(
    session: &Session,
    source: &str,
    source_key: &str,
    version: Option<i64>,
) -> Result<Proof, OperationError> {
    let store = &session.store;
    let found = store.find_record(source, source_key).await?;
    let found =
        found.ok_or_else(|| OperationError::NotFound(format!("source `{source}` has no record of this key")))?;
    let source_id = store.sources().await?.into_iter().find(|row| row.name == source).map_or(0, |row| row.id.0);
    let record = found.name.record.0;
    let version = version.unwrap_or(found.version.0);
    let rows = [
        ("vinculo.source", i64::from(source_id)),
        ("vinculo.source_record", record),
        ("vinculo.source_record_version", version),
    ];
    let mut proved = Vec::with_capacity(rows.len());
    for (relation, id) in rows {
        let row = store.prove_row(relation, id).await?.map(|row| row_proof(&row)).transpose()?;
        let uncovered = || OperationError::NotFound(format!("no block of the audit chain covers {relation} {id}"));
        proved.push(row.ok_or_else(uncovered)?);
    }
    if proved[2].says["record_id"] != record {
        return Err(OperationError::NotFound(format!("version {version} is not one of this record")));
    }
    let first = proved.iter().map(|row| row.block).min().unwrap_or(1);
    let chain = store.audit_blocks_from(first).await?;
    let last = chain.last().ok_or_else(|| OperationError::Internal("the audit chain has no end".into()))?;
    let head = AuditHead { block: last.block, hash: last.hash() };
    Ok(Proof { format: FORMAT.to_owned(), rows: proved, chain, head })
}

fn row_proof(row: &ProvedRow) -> Result<RowProof, OperationError> {
    let says = decode_row(row.relation, &row.content)
        .ok_or_else(|| OperationError::Internal("a row cannot be told from its bytes".into()))?;
    Ok(RowProof {
        relation: row.relation.to_owned(),
        id: row.id,
        says,
        content: digits(&row.content),
        salt: row.salt.map(|salt| digits(&salt.0)),
        leaf: leaf(&row.content, row.salt.as_ref()),
        span: row.span.clone(),
        path: row.path.clone(),
        block: row.block,
        place: row.place.0,
        spans: row.place.1,
        block_path: row.block_path.clone(),
    })
}

fn leaf(content: &[u8], salt: Option<&Salt>) -> TreeHash {
    salt.map_or_else(|| TreeHash::leaf(content), |salt| TreeHash::salted_leaf(salt, content))
}

/// Checks a proof by itself; `kept` is a hash that was kept elsewhere and must be in its chain.
///
/// # Errors
/// A text that is no hash.
pub fn check(proof: &Proof, kept: Option<&str>) -> Result<Proved, OperationError> {
    let kept: Option<TreeHash> = kept
        .map(str::parse)
        .transpose()
        .map_err(|fault| OperationError::Configuration(format!("--against: {fault}")))?;
    let kept_in = proof.chain.iter().find(|block| Some(block.hash()) == kept).map(|block| block.block);
    let problem = problem_of(proof).or_else(|| match (kept, kept_in) {
        (Some(_), None) => Some("no block of the proof has the hash that was kept".to_owned()),
        _ => None,
    });
    let content = |row: &RowProof| ProvedContent {
        relation: row.relation.clone(),
        block: row.block,
        run: proof.chain.iter().find(|block| block.block == row.block).map_or(0, |block| block.run),
        says: row.says.clone(),
    };
    let rows = if problem.is_some() { Vec::new() } else { proof.rows.iter().map(content).collect() };
    Ok(Proved { problem, rows, head: proof.head, kept: kept_in })
}

/// The first thing that does not hold.
fn problem_of(proof: &Proof) -> Option<String> {
    if proof.format != FORMAT {
        return Some(format!("it is no `{FORMAT}`"));
    }
    let follows = |pair: &[AuditBlock]| pair[1].previous == pair[0].hash() && pair[1].block == pair[0].block + 1;
    if !proof.chain.windows(2).all(follows) {
        return Some("its blocks do not follow each other".to_owned());
    }
    let last = proof.chain.last().map(|block| AuditHead { block: block.block, hash: block.hash() });
    if last != Some(proof.head) {
        return Some("its last block does not have the hash that it names".to_owned());
    }
    let broken = proof.rows.iter().find_map(|row| problem_of_row(row, &proof.chain));
    broken.or_else(|| (!is_one_version(&proof.rows)).then(|| "its rows are not of one version of a record".to_owned()))
}

fn problem_of_row(row: &RowProof, chain: &[AuditBlock]) -> Option<String> {
    let RowProof { relation, id, .. } = row;
    let Some(content) = bytes(&row.content) else {
        return Some(format!("the bytes of {relation} {id} are no hexadecimal digits"));
    };
    if decode_row(relation, &content).as_ref() != Some(&row.says) {
        return Some(format!("what {relation} {id} says is not what its bytes say"));
    }
    let salt = row.salt.as_ref().map(|salt| bytes(salt).and_then(|salt| salt.try_into().ok()).map(Salt));
    let Some(salt) = salt.map_or(Some(None), |salt| salt.map(Some)) else {
        return Some(format!("the salt of {relation} {id} is no 16 bytes"));
    };
    let span = &row.span;
    if leaf(&content, salt.as_ref()) != row.leaf || span.relation != *relation || !(span.first..=span.last).contains(id)
    {
        return Some(format!("the leaf of {relation} {id} is not its own"));
    }
    let position = id.abs_diff(span.first);
    if merkle::root_by_path(row.leaf, position, span.leaves(), &row.path) != Some(span.root) {
        return Some(format!("{relation} {id} is not among the rows of its span"));
    }
    let root = merkle::root_by_path(span.leaf(), row.place, row.spans, &row.block_path);
    let block = chain.iter().find(|block| block.block == row.block);
    if root.is_none() || root != block.map(|block| block.root) {
        return Some(format!("the span of {relation} {id} is not in its block"));
    }
    None
}

/// Whether the rows are a source, a record of it, and a version of that.
fn is_one_version(rows: &[RowProof]) -> bool {
    let [source, record, version] = rows else { return false };
    let relations = [source, record, version].map(|row| row.relation.as_str());
    relations == ["vinculo.source", "vinculo.source_record", "vinculo.source_record_version"]
        && source.says["source_id"] == record.says["source_id"]
        && record.says["record_id"] == version.says["record_id"]
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        digits.bytes().map(|digit| (digit as char).to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
