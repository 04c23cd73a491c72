//! What lineage, history and their proof cost of a run, counted rather too high than too low: everything that would not be
//! kept, or done, if nobody ever asked where a value came from, what stood before, or whether it was altered. What it costs
//! to prove them is taken to be what it costs to examine the proof, which reads and hashes every row anew.

use anyhow::{Context as _, Result, bail};

use super::copy_cost::TableCost;
use super::markdown::{Table, megabytes, seconds};
use super::setting::Setting;

/// Tables that are kept for it, and why.
const TABLES: [(&str, &str); 7] = [
    ("vinculo.restatement", "what versions were read as before"),
    ("vinculo.decision", "what joined two records or kept them apart, and on which evidence"),
    ("vinculo.customer_history", "earlier states of customers"),
    ("vinculo.membership_history", "earlier memberships"),
    ("vinculo.audit_salt", "what keeps the proof from being guessed"),
    ("vinculo.audit_span", "the proof"),
    ("vinculo.audit_block", "the chain of proofs"),
];
/// The same in other tables, column by column.
const COLUMNS: [(&str, &str, &str); 3] = [
    ("crm.customer", "lineage, lineage_versions, publication", "which version and rule gave each value, since when"),
    ("crm.customer_source", "updated_at, change_seq", "since when a record belongs to its customer"),
    ("vinculo.source_record_version", "delivery_id, line, file_no", "where each version was delivered"),
];
/// Versions of records that no longer count.
const REPLACED: &str = "SELECT coalesce(sum(pg_column_size(v.*)), 0)::bigint FROM vinculo.source_record_version v
    WHERE NOT EXISTS (SELECT FROM vinculo.source_record r WHERE r.version_id = v.version_id)";
/// What would be kept without it too: a mapping that changes is read from what was delivered, CRM tools read the feed.
const KEPT_ANYWAY: [&str; 2] = ["vinculo.source_record_version", "crm.customer_change"];

/// CPU of a run, in seconds.
pub struct Cpu {
    /// The program's and the server's, of the whole run.
    pub run: f64,
    /// The same of examining its audit chain, which reads and hashes whatever making it did.
    pub examining: f64,
}

/// A part of what is kept.
struct Part {
    table: &'static str,
    shown: String,
    why: &'static str,
    bytes: u64,
}

/// The space of a database, in bytes.
struct Space {
    all: u64,
    /// What a record says now as it was delivered, and the change feed.
    kept_anyway: u64,
}

/// Their share of the space of a database, and of the time of the run that filled it.
pub fn measure(setting: &Setting<'_>, database: &str, tables: &[TableCost], cpu: &Cpu) -> Result<String> {
    let number = |query: &str| -> Result<u64> { Ok(answer(setting, database, query)?.parse()?) };
    let mut parts = Vec::new();
    let size = |table: &str| number(&format!("SELECT pg_total_relation_size('{table}')"));
    for (table, why) in TABLES {
        parts.push(Part { table, shown: format!("`{table}`"), why, bytes: size(table)? });
    }
    for (table, columns, why) in COLUMNS {
        let sizes: Vec<String> = columns.split(", ").map(|column| format!("pg_column_size({column})")).collect();
        let bytes = number(&format!("SELECT coalesce(sum({}), 0)::bigint FROM {table}", sizes.join(" + ")))?;
        let shown = format!("`{table}`: `{}`", columns.replace(", ", "`, `"));
        parts.push(Part { table, shown, why, bytes });
    }
    let replaced = number(REPLACED)?;
    let versions = "vinculo.source_record_version";
    parts.push(Part {
        table: versions,
        shown: "versions of records".into(),
        why: "that no longer count",
        bytes: replaced,
    });
    let all = number(
        "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
         WHERE c.relkind = 'r' AND c.relnamespace IN ('vinculo'::regnamespace, 'crm'::regnamespace)",
    )?;
    let of_versions: u64 = parts.iter().filter(|part| part.table == versions).map(|part| part.bytes).sum();
    let sizes: u64 = KEPT_ANYWAY.map(size).into_iter().sum::<Result<_>>()?;
    Ok(shown(&parts, &Space { all, kept_anyway: sizes.saturating_sub(of_versions) }, tables, cpu))
}

/// The one value that a query gives.
fn answer(setting: &Setting<'_>, database: &str, query: &str) -> Result<String> {
    let output = setting.psql(database, &["--csv", "--tuples-only", "--command", query])?.output()?;
    if !output.status.success() {
        bail!("psql ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout).context("a number is text")?.trim().to_owned())
}

fn shown(parts: &[Part], space: &Space, tables: &[TableCost], cpu: &Cpu) -> String {
    let mut table = Table::new(&["kept for lineage, history or proof", "MB", "of all, %", "writing, s"]);
    let of_all = |bytes: u64| percent(bytes as f64, space.all as f64);
    for part in parts {
        table.row([
            format!("{}, {}", part.shown, part.why),
            megabytes(part.bytes),
            format!("{:.1}", of_all(part.bytes)),
            seconds(writing_cost(part, tables)),
        ]);
    }
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let writing: f64 = parts.iter().map(|part| writing_cost(part, tables)).sum();
    let (all, anyway, with_it) =
        (megabytes(space.all), megabytes(space.kept_anyway), of_all(bytes + space.kept_anyway));
    format!(
        "{}\n**Lineage, history and their proof take {} of {all} MB, {:.0} % of the space, and at most {} of {} s of CPU, {:.0} % \
         of the time: {} s to write them, {} s to prove them.** What records say now as it was delivered, and the change feed, \
         are kept for others than the auditor, and not counted: {anyway} MB. With them it would be {with_it:.0} % of the space.\n",
        table.finish(),
        megabytes(bytes),
        of_all(bytes),
        seconds(writing + cpu.examining),
        seconds(cpu.run),
        percent(writing + cpu.examining, cpu.run),
        seconds(writing),
        seconds(cpu.examining),
    )
}

/// Seconds of CPU that a part costs to write: its COPY, as much again for whoever makes and sends the rows, and its indexes.
/// Of columns it is their share, by bytes, of their table's COPY.
fn writing_cost(part: &Part, tables: &[TableCost]) -> f64 {
    let Some(cost) = tables.iter().find(|cost| cost.name == part.table) else { return 0.0 };
    if part.shown == format!("`{}`", part.table) {
        return 2.0 * cost.copy() + cost.index();
    }
    2.0 * cost.copy() * part.bytes as f64 / cost.bytes as f64
}

fn percent(part: f64, all: f64) -> f64 {
    100.0 * part / all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_take_their_share_of_their_tables_copy() {
        let cost = "name,rows,bytes,copy_seconds,index_seconds,commit_seconds\ncrm.customer,10,400,1.5,3,0.5\n";
        let tables: Vec<TableCost> =
            csv::Reader::from_reader(cost.as_bytes()).deserialize().collect::<Result<_, _>>().expect("a cost");
        let part = |shown: &str| Part { table: "crm.customer", shown: shown.to_owned(), why: "", bytes: 100 };
        assert_eq!(writing_cost(&part("`crm.customer`"), &tables), 7.0);
        assert_eq!(writing_cost(&part("`crm.customer`: `lineage`"), &tables), 1.0);
        assert_eq!(writing_cost(&part("`crm.customer`"), &[]), 0.0);
    }
}
