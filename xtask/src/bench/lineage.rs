//! What lineage, history and their proof cost of a run, counted rather too high than too low: everything that would not be
//! kept, or done, if nobody ever asked where a value came from, what stood before, or whether it was altered. What it costs
//! to prove them is taken to be what it costs to examine the proof, which reads and hashes every row anew.

use anyhow::{Context as _, Result, bail};

use super::copy_cost::TableCost;
use super::markdown::{Table, megabytes, seconds};
use super::setting::Setting;

/// Tables that are kept for it, why, and whether for nothing else.
const TABLES: [(&str, &str, bool); 9] = [
    ("vinculo.source_record_version", "every version of every record, as it was delivered", false),
    ("vinculo.restatement", "what versions were read as before", true),
    ("vinculo.decision", "what joined two records or kept them apart, and on which evidence", true),
    ("vinculo.customer_history", "earlier states of customers", true),
    ("vinculo.membership_history", "earlier memberships", true),
    ("crm.customer_change", "what happened to customers", false),
    ("vinculo.audit_salt", "what keeps the proof from being guessed", true),
    ("vinculo.audit_span", "the proof", true),
    ("vinculo.audit_block", "the chain of proofs", true),
];
/// The same in other tables, column by column; for nothing else.
const COLUMNS: [(&str, &str, &str); 2] = [
    ("crm.customer", "lineage, lineage_versions, publication", "which version and rule gave each value, since when"),
    ("crm.customer_source", "updated_at, change_seq", "since when a record belongs to its customer"),
];

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
    for_nothing_else: bool,
    bytes: u64,
}

/// Their share of the space of a database, and of the time of the run that filled it.
pub fn measure(setting: &Setting<'_>, database: &str, tables: &[TableCost], cpu: &Cpu) -> Result<String> {
    let number = |query: &str| -> Result<u64> { Ok(answer(setting, database, query)?.parse()?) };
    let mut parts = Vec::new();
    for (table, why, for_nothing_else) in TABLES {
        let bytes = number(&format!("SELECT pg_total_relation_size('{table}')"))?;
        parts.push(Part { table, shown: format!("`{table}`"), why, for_nothing_else, bytes });
    }
    for (table, columns, why) in COLUMNS {
        let sizes: Vec<String> = columns.split(", ").map(|column| format!("pg_column_size({column})")).collect();
        let bytes = number(&format!("SELECT coalesce(sum({}), 0)::bigint FROM {table}", sizes.join(" + ")))?;
        let shown = format!("`{table}`: `{}`", columns.replace(", ", "`, `"));
        parts.push(Part { table, shown, why, for_nothing_else: true, bytes });
    }
    let all = number(
        "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
         WHERE c.relkind = 'r' AND c.relnamespace IN ('vinculo'::regnamespace, 'crm'::regnamespace)",
    )?;
    Ok(shown(&parts, all, tables, cpu))
}

/// The one value that a query gives.
fn answer(setting: &Setting<'_>, database: &str, query: &str) -> Result<String> {
    let output = setting.psql(database, &["--csv", "--tuples-only", "--command", query])?.output()?;
    if !output.status.success() {
        bail!("psql ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout).context("a number is text")?.trim().to_owned())
}

fn shown(parts: &[Part], all: u64, tables: &[TableCost], cpu: &Cpu) -> String {
    let mut table = Table::new(&["kept for lineage, history or proof", "MB", "of all, %", "writing, s"]);
    let of_all = |bytes: u64| percent(bytes as f64, all as f64);
    for part in parts {
        let marked = if part.for_nothing_else { "" } else { " *" };
        table.row([
            format!("{}{marked}, {}", part.shown, part.why),
            megabytes(part.bytes),
            format!("{:.1}", of_all(part.bytes)),
            seconds(writing_cost(part, tables)),
        ]);
    }
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let alone: u64 = parts.iter().filter(|part| part.for_nothing_else).map(|part| part.bytes).sum();
    let writing: f64 = parts.iter().map(|part| writing_cost(part, tables)).sum();
    format!(
        "{}\n**Lineage, history and their proof take {} of {} MB, {:.0} % of the space; without what serves something else too (*: a \
         mapping that changes, the change feed), {:.0} %. Of the time they take at most {} of {} s of CPU, {:.0} %: {} s to write \
         them, {} s to prove them.**\n",
        table.finish(),
        megabytes(bytes),
        megabytes(all),
        of_all(bytes),
        of_all(alone),
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
        let part = |shown: &str| Part {
            table: "crm.customer",
            shown: shown.to_owned(),
            why: "",
            for_nothing_else: true,
            bytes: 100,
        };
        assert_eq!(writing_cost(&part("`crm.customer`"), &tables), 7.0);
        assert_eq!(writing_cost(&part("`crm.customer`: `lineage`"), &tables), 1.0);
        assert_eq!(writing_cost(&part("`crm.customer`"), &[]), 0.0);
    }
}
