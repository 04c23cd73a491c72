//! How to read the page, and where its limits are.

use maud::{Markup, html};

pub fn section() -> Markup {
    html! {
        section {
            h2 id="reading" { "How to read it" }
            p {
                "Two records are compared if a blocking rule proposes them. Each comparison reaches a level; the levels' "
                "weights add up to the match weight W, and P = 2" sup { "W" } " ∕ (1 + 2" sup { "W" } ") is the match "
                "probability. Groups of records join by the mean probability of all pairs between them, strongest "
                "first, as long as no constraint forbids it and the records that state a day of birth agree by "
                "themselves; groups that share a valid identifier join by one sure pair."
            }
            p {
                "For a threshold t that takes the pairs of W ≥ t, estimated precision is 1 − Σ(1 − P) ∕ n over the n pairs "
                "taken, and estimated recall is 1 − ΣP over the pairs left ∕ ΣP over all. Both come from the model itself, "
                "from a histogram of weights with a bar for each bit, so they cannot see what the model gets wrong: "
                "comparisons that are not independent, matches that blocking never proposed, kinds of error that the data "
                "do not show. Where you know the truth of some records, " code { "vinculo evaluate" } " measures instead."
            }
            p {
                "Weights are base-2 logarithms of odds: +1 bit doubles the odds, +10 bits are about a thousand to one. "
                "Decisions stand in " code { "audit.decision" } ", runs in " code { "audit.run" } ", models in "
                code { "audit.model" } "; " code { "vinculo report --json" } " gives this page's numbers to programs."
            }
        }
    }
}
