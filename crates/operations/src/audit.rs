//! `verify --audit`: the audit chain made anew from the rows, and beside a hash that was kept elsewhere.

use crate::error::OperationError;
use crate::progress::Stage;
use crate::session::Session;
use serde::Serialize;
use vinculo_records::{AuditHead, TreeHash};
use vinculo_store::audit::{AuditFault, AuditFinding};

/// What became of examining the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Whether the chain holds.
    pub holds: bool,
    /// How many blocks it has.
    pub blocks: u64,
    /// How many leaves these have.
    pub leaves: u64,
    /// The last block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<AuditHead>,
    /// The block that has the hash which was kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<i64>,
    /// Rows that no block covers yet: of a run that is at work or was killed, of a delivery that is open.
    pub uncovered: u64,
    /// What does not hold, in the order of the chain; at most twenty.
    pub findings: Vec<FindingReport>,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingReport {
    /// What does not hold.
    pub fault: AuditFault,
    /// The block, where it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<i64>,
    /// The table, or what happens to its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    /// The first and the last id among which the rows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<(i64, i64)>,
    /// All of this in words.
    pub problem: String,
}

/// Makes the chain anew from the rows. `kept` is a hash that was printed by an earlier run and kept elsewhere: it must be in
/// the chain.
///
/// # Errors
/// A text that is no hash; a store that cannot be read.
pub async fn verify_chain(session: &Session, kept: Option<&str>) -> Result<AuditReport, OperationError> {
    let kept: Option<TreeHash> = kept
        .map(str::parse)
        .transpose()
        .map_err(|fault| OperationError::Configuration(format!("--against: {fault}")))?;
    let total = session.store.audit_head().await?.map_or(0, |head| head.block.unsigned_abs());
    session.progress.begin(&Stage::Audit, Some(total));
    let progress = session.progress.clone();
    let account = session.store.examine_audit(kept, &move |blocks| progress.advance(&Stage::Audit, blocks)).await?;
    let holds = account.findings.is_empty();
    session.progress.end(&Stage::Audit, if holds { "the chain holds" } else { "the chain does not hold" });
    Ok(AuditReport {
        holds,
        blocks: account.blocks,
        leaves: account.leaves,
        head: account.head,
        kept: account.kept,
        uncovered: account.uncovered,
        findings: account.findings.iter().map(report).collect(),
    })
}

fn report(finding: &AuditFinding) -> FindingReport {
    let problem = finding.to_string();
    FindingReport { fault: finding.fault, block: finding.block, relation: finding.relation, ids: finding.ids, problem }
}
