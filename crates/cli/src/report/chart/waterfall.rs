//! A match weight taken apart: each step begins where the one before it ended.

use super::{Scale, coordinate, ticks};
use crate::output::in_words;
use crate::report::words::bits;
use maud::{Markup, html};
use vinculo_operations::report::review::Waterfall;

const WIDTH: f64 = 560.0;
const ROW: f64 = 21.0;
const LEFT: f64 = 258.0;
const RIGHT: f64 = 504.0;

/// A row: its words, and from where to where it leads, in bits.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    label: String,
    from: f64,
    to: f64,
    color: &'static str,
}

/// The chart. Comparisons without evidence have no row.
pub fn waterfall(title: &str, waterfall: &Waterfall) -> Markup {
    let rows = rows(waterfall);
    let join = f64::from(waterfall.join_weight) / 1e3;
    let ends = rows.iter().flat_map(|row| [row.from, row.to]).chain([0.0, join]);
    let (least, most) = ends.fold((0.0_f64, 0.0_f64), |(least, most), end| (least.min(end), most.max(end)));
    let scale = Scale::new((least, most), (LEFT, RIGHT));
    let bottom = ROW * rows.len() as f64 + 4.0;
    html! {
        svg role="img" viewBox={ "0 0 " (WIDTH) " " (bottom + 38.0) } {
            title { (title) }
            @for tick in ticks(least, most) {
                @let x = coordinate(scale.at(tick));
                line .grid x1=(x) x2=(x) y1="0" y2=(bottom) {}
                text .soft x=(x) y=(bottom + 16.0) text-anchor="middle" { (bits(tick)) }
            }
            line .threshold x1=(coordinate(scale.at(join))) x2=(coordinate(scale.at(join))) y1="0" y2=(bottom) {}
            text .soft x=(coordinate(scale.at(join))) y=(bottom + 32.0) text-anchor="middle" { "joined from " (bits(join)) }
            @for (place, row) in rows.iter().enumerate() { (drawn(place, row, &scale)) }
        }
    }
}

fn drawn(place: usize, row: &Row, scale: &Scale) -> Markup {
    let top = place as f64 * ROW;
    let (from, to) = (scale.at(row.from), scale.at(row.to));
    let (left, right) = (from.min(to), from.max(to));
    let is_total = row.color == "total";
    html! {
        text .strong[is_total] x=(LEFT - 10.0) y=(top + 15.0) text-anchor="end" { (row.label) }
        rect .(row.color) x=(coordinate(left)) y=(top + 4.0) width=(coordinate((right - left).max(1.0)))
            height=(ROW - 7.0) rx="1.5" {}
        @if !is_total {
            line .link x1=(coordinate(to)) x2=(coordinate(to)) y1=(top + ROW - 3.0) y2=(top + ROW + 4.0) {}
        }
        text .strong[is_total] .on-line x=(WIDTH - 4.0) y=(top + 15.0) text-anchor="end" { (bits(row.to - row.from)) }
    }
}

fn rows(waterfall: &Waterfall) -> Vec<Row> {
    let steps = waterfall.steps.iter().filter(|step| !step.missing);
    let steps = steps.map(|step| (format!("{}: {}", in_words(&step.comparison), in_words(&step.level)), step.weight));
    let household = (waterfall.household != 0).then(|| ("perhaps one household".to_owned(), waterfall.household));
    let mut at = 0.0;
    let mut rows: Vec<Row> = [("any two records".to_owned(), waterfall.prior)]
        .into_iter()
        .chain(steps)
        .chain(household)
        .map(|(label, weight)| {
            let from = at;
            at += f64::from(weight) / 1e3;
            let color = if weight < 0 { "against" } else { "for" };
            Row { label: shortened(label), from, to: at, color }
        })
        .collect();
    let weight = f64::from(waterfall.weight) / 1e3;
    rows.push(Row { label: "match weight".into(), from: 0.0, to: weight, color: "total" });
    rows
}

/// Labels have room for so many letters.
fn shortened(label: String) -> String {
    const LETTERS: usize = 34;
    match label.chars().count() > LETTERS {
        true => label.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_operations::report::review::Step;

    fn step(comparison: &str, weight: i32, missing: bool) -> Step {
        Step { comparison: comparison.into(), level: "equal".into(), weight, by_frequency: 0, missing }
    }

    fn example() -> Waterfall {
        Waterfall {
            prior: -12_000,
            steps: vec![step("birth_date", 14_000, false), step("email", 0, true), step("phone", -1_500, false)],
            household: -500,
            weight: 0,
            probability: 0.5,
            join_weight: -1_222,
            review_weight: -3_000,
        }
    }

    #[test]
    fn the_steps_lead_to_the_weight() {
        let rows = rows(&example());
        let last_step = &rows[rows.len() - 2];
        assert!((last_step.to - rows.last().unwrap().to).abs() < 1e-9);
        assert!(rows.windows(2).take(rows.len() - 2).all(|two| two[0].to == two[1].from), "{rows:?}");
    }

    #[test]
    fn what_was_not_compared_has_no_row() {
        let svg = waterfall("why", &example()).into_string();
        assert!(svg.contains("birth date: equal") && svg.contains("perhaps one household"));
        assert!(!svg.contains("email"));
    }
}
