//! Which rows no block covers yet, as spans of ids.
//!
//! Ids are given in the order of commits, so nearly always a relation has one span: from the last id that is covered to the
//! last that there is. Deliveries that are still open interrupt it: their rows may go again, and are covered once they are
//! closed, though others with greater ids were covered before.

use super::block::Before;
use super::relation::{Growth, Relation, relations};
use super::side_by_side::LARGE;
use crate::error::{Doing, Result, StoreError};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::HashMap;

const DOING: &str = "looking for rows that no block covers";
/// A transaction that is not committed may hold a lesser number of a sequence than one that is. So many numbers are looked
/// at once more.
const IN_FLIGHT: i64 = 64;

/// Relation, first and last id.
pub(super) type Span = (&'static Relation, i64, i64);

/// All that the next block is to cover.
#[derive(Debug)]
pub(super) struct Uncovered {
    pub(super) spans: Vec<Span>,
    pub(super) runs_from: i64,
    pub(super) deliveries_from: i64,
}

/// Deliveries that matter for what landed: those to be covered now, with what they had when others were covered, and those
/// that are open.
struct Deliveries {
    closed: Vec<i64>,
    open: Vec<i64>,
    /// From which one on the next block has to look.
    from: i64,
}

impl Deliveries {
    async fn find(connection: &mut PgConnection, before: &Before) -> Result<Self> {
        let (closed, from) =
            ended(connection, "vinculo.delivery", "delivery_id", "state = 'open'", before.deliveries_from).await?;
        let open = sqlx::query_scalar("SELECT delivery_id FROM vinculo.delivery WHERE state = 'open'")
            .fetch_all(connection)
            .await
            .doing(DOING)?;
        Ok(Self { closed, open, from })
    }
}

impl Uncovered {
    /// Looks at everything that is committed, and at what the transaction itself has written.
    pub(super) async fn find(connection: &mut PgConnection, before: &Before) -> Result<Self> {
        let heads = heads(connection, &[Growth::Dense, Growth::Landed]).await?;
        let (runs, runs_from) =
            ended(connection, "vinculo.run", "run_id", "status = 'running'", before.runs_from).await?;
        let deliveries = Deliveries::find(connection, before).await?;
        let mut spans: Vec<Span> = Vec::new();
        let mut last = Vec::new();
        for relation in relations() {
            let (head, top) = heads[relation.name];
            let ids = match relation.growth {
                Growth::Dense if top > head => vec![(head + 1, top)],
                Growth::Dense => Vec::new(),
                Growth::Ended if relation.name == "vinculo.run" => islands(&runs),
                Growth::Ended => islands(&deliveries.closed),
                Growth::Landed => landed(connection, relation, head, top, &deliveries).await?,
                Growth::AsBefore => last,
            };
            spans.extend(ids.iter().map(|&(first, last)| (relation, first, last)));
            last = ids;
        }
        Ok(Self { spans, runs_from, deliveries_from: deliveries.from })
    }

    /// Looks at what landed with closed deliveries alone, and at no table that a publication writes: it keeps others from
    /// these.
    pub(super) async fn find_landed(connection: &mut PgConnection, before: &Before) -> Result<Self> {
        let heads = heads(connection, &[Growth::Landed]).await?;
        let deliveries = Deliveries::find(connection, before).await?;
        let mut spans = Vec::new();
        for relation in relations().filter(|relation| relation.growth == Growth::Landed) {
            let (head, top) = heads[relation.name];
            let ids = landed(connection, relation, head, top, &deliveries).await?;
            spans.extend(ids.into_iter().map(|(first, last)| (relation, first, last)));
        }
        Ok(Self { spans, runs_from: before.runs_from, deliveries_from: deliveries.from })
    }

    /// Whether any span is worth further sessions.
    pub(super) fn is_large(&self) -> bool {
        self.spans.iter().any(|(_, first, last)| last - first >= LARGE)
    }

    /// The last id that is covered for the first time of each relation that has salts of its own.
    pub(super) fn salted(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let own = self.spans.iter().filter(|(relation, ..)| relation.salted_as == Some(relation.name));
        own.map(|(relation, _, last)| (relation.name, *last))
    }
}

/// The last id that is covered and the last that there is, of each relation that grows so; 0 for none, and for the others.
async fn heads(connection: &mut PgConnection, growing: &[Growth]) -> Result<HashMap<&'static str, (i64, i64)>> {
    let covered = |relation: &Relation| {
        format!(
            "(SELECT last_id FROM vinculo.audit_span WHERE relation = '{}' ORDER BY first_id DESC LIMIT 1)",
            relation.name
        )
    };
    let columns: Vec<String> = relations()
        .filter(|relation| growing.contains(&relation.growth))
        .flat_map(|relation| [covered(relation), relation.greatest()])
        .map(|column| format!("coalesce({column}, 0)::bigint"))
        .collect();
    let query = format!("SELECT {}", columns.join(", "));
    let row = sqlx::query(AssertSqlSafe(query)).fetch_one(connection).await.doing(DOING)?;
    let mut heads = HashMap::new();
    let mut column = 0;
    for relation in relations() {
        let mut ids = (0, 0);
        if growing.contains(&relation.growth) {
            ids = (row.try_get(column).doing(DOING)?, row.try_get(column + 1).doing(DOING)?);
            column += 2;
        }
        heads.insert(relation.name, ids);
    }
    Ok(heads)
}

/// The ids of a table whose rows end, of rows that have ended and that no block covers; and from which id on the next block
/// has to look.
async fn ended(
    connection: &mut PgConnection,
    table: &'static str,
    key: &'static str,
    still: &'static str,
    from: i64,
) -> Result<(Vec<i64>, i64)> {
    let query = format!(
        "SELECT t.{key}, {still} FROM {table} t WHERE t.{key} >= {from} AND {} ORDER BY 1",
        is_uncovered(table, &format!("t.{key}"))
    );
    let rows: Vec<(i64, bool)> = sqlx::query_as(AssertSqlSafe(query)).fetch_all(&mut *connection).await.doing(DOING)?;
    let greatest = format!("SELECT coalesce(max({key}), 0) FROM {table}");
    let greatest: i64 = sqlx::query_scalar(AssertSqlSafe(greatest)).fetch_one(connection).await.doing(DOING)?;
    let going_on = rows.iter().find(|(_, still)| *still).map_or(i64::MAX, |(id, _)| *id);
    let next = going_on.min(greatest + 1 - IN_FLIGHT).max(from);
    Ok((rows.into_iter().filter(|(_, still)| !still).map(|(id, _)| id).collect(), next))
}

/// That no block covers the id of a row.
fn is_uncovered(relation: &str, id: &str) -> String {
    format!(
        "coalesce({id} > (SELECT s.last_id FROM vinculo.audit_span s WHERE s.relation = '{relation}' AND s.first_id <= {id}
             ORDER BY s.first_id DESC LIMIT 1), true)"
    )
}

/// Ids that follow each other, as first and last.
fn islands(ids: &[i64]) -> Vec<(i64, i64)> {
    ids.chunk_by(|a, b| a + 1 == *b).map(|island| (island[0], island[island.len() - 1])).collect()
}

/// The ids of rows that landed with closed deliveries and that no block covers.
async fn landed(
    connection: &mut PgConnection,
    relation: &Relation,
    head: i64,
    top: i64,
    deliveries: &Deliveries,
) -> Result<Vec<(i64, i64)>> {
    let mut spans = Vec::new();
    if head > 0 && !deliveries.closed.is_empty() {
        // What was open when the last block was made, and was passed over then.
        let delivered = match relation.name {
            // A record is of the delivery that said something of it last, so that its source tells.
            "vinculo.source_record" => format!(
                "EXISTS (SELECT FROM vinculo.delivery d WHERE d.delivery_id = ANY ({}) AND d.source_id = r.source_id
                     AND d.first_record_id <= r.record_id)",
                array(&deliveries.closed)
            ),
            _ => format!("delivery_id = ANY ({})", array(&deliveries.closed)),
        };
        let passed_over = format!(" AND {delivered} AND {}", is_uncovered(relation.name, relation.parts[0].key));
        let from = first_landed(connection, relation, &deliveries.closed).await?;
        if from <= head {
            spans = find(connection, relation, from, head, &passed_over).await?;
        }
    }
    let mut from = head + 1;
    if !deliveries.open.is_empty() && top > head {
        let open = format!(" AND delivery_id = ANY ({})", array(&deliveries.open));
        for (first, last) in find(connection, relation, from, top, &open).await? {
            if from < first {
                spans.push((from, first - 1));
            }
            from = last + 1;
        }
    }
    if from <= top {
        spans.push((from, top));
    }
    Ok(spans)
}

/// No row of these deliveries has a lesser id. Rejected rows are looked up by their delivery.
async fn first_landed(connection: &mut PgConnection, relation: &Relation, deliveries: &[i64]) -> Result<i64> {
    let column = match relation.name {
        "vinculo.source_record" => "SELECT min(first_record_id) FROM vinculo.delivery",
        "vinculo.source_record_version" => "SELECT min(first_version_id) FROM vinculo.delivery",
        "vinculo.reject" => "SELECT coalesce(min(reject_id), 9223372036854775807) FROM vinculo.reject",
        _ => return Err(StoreError::Unexpected { doing: DOING }),
    };
    let query = format!("{column} WHERE delivery_id = ANY ({})", array(deliveries));
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(connection).await.doing(DOING)
}

/// The islands of ids among rows that meet a condition.
async fn find(
    connection: &mut PgConnection,
    relation: &Relation,
    first: i64,
    last: i64,
    condition: &str,
) -> Result<Vec<(i64, i64)>> {
    let numbered = "{key} AS id, {key} - row_number() OVER (ORDER BY {key}) AS island";
    let query = format!(
        "SELECT min(id), max(id) FROM ({}) numbered GROUP BY island ORDER BY 1",
        relation.query(numbered, first, last, condition)
    );
    sqlx::query_as(AssertSqlSafe(query)).fetch_all(connection).await.doing(DOING)
}

/// Numbers as an array in a statement.
pub(super) fn array(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("'{{{}}}'::bigint[]", numbers.join(","))
}
