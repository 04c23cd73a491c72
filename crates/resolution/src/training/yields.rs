//! Which blocks are worth their pairs: those whose pairs hold matches that no other block finds.
//!
//! A sample of candidates knows, for each pair, every block that proposes it. The blocks of a rule are told apart by
//! their size; from the rule whose largest blocks find the fewest matches of their own for each pair of their own, these
//! are taken away, until there are no more pairs than there may be. What a block shares with another costs nothing and
//! yields nothing, so that both are counted anew after each step.

use crate::blocking::{ALWAYS_COMPARED, Blocks};

/// Classes of sizes: two for each doubling.
const CLASSES: usize = 64;
/// Matches that every group of blocks is believed to have found beside those of the sample: a handful of pairs without
/// any match says little.
const BELIEVED_MATCHES: f64 = 1.0;

/// Pairs and the rules and sizes of the blocks that propose them.
#[derive(Debug, Default)]
pub struct Proposals {
    patterns: Vec<u128>,
    ends: Vec<u32>,
    cells: Vec<u16>,
}

impl Proposals {
    /// Notes the blocks of a pair with this comparison vector.
    pub fn add(&mut self, blocks: &Blocks, a: u32, b: u32, pattern: u128) {
        let of_block = |block| (blocks.rule(block) * CLASSES + class(blocks.size(block))) as u16;
        self.cells.extend(blocks.common(a, b).map(of_block));
        self.patterns.push(pattern);
        self.ends.push(self.cells.len() as u32);
    }

    /// Adds the pairs of another sample.
    pub fn append(&mut self, other: &Self) {
        let base = self.cells.len() as u32;
        self.patterns.extend_from_slice(&other.patterns);
        self.ends.extend(other.ends.iter().map(|end| base + end));
        self.cells.extend_from_slice(&other.cells);
    }

    /// The largest block of each rule that is worth its pairs, no larger than before, so that of the pairs the share
    /// `allowed` is left; `match_share` is how far a comparison vector is a match.
    pub fn worthwhile(&self, limits: &[u32], allowed: f64, match_share: impl Fn(u128) -> f64) -> Vec<u32> {
        let mut search = Search::new(self, limits.len(), match_share);
        let mut limits = limits.to_vec();
        while (search.left as f64) > allowed * self.patterns.len() as f64 {
            let Some((rule, from)) = search.least_worth() else {
                break;
            };
            search.drop_classes(rule, from);
            limits[rule] = least_size(from) - 1;
        }
        limits
    }

    fn of_pair(&self, pair: u32) -> &[u16] {
        let from = if pair == 0 { 0 } else { self.ends[pair as usize - 1] };
        &self.cells[from as usize..self.ends[pair as usize] as usize]
    }
}

/// What a rule's blocks of one size propose.
#[derive(Debug, Clone, Default)]
struct Cell {
    dropped: bool,
    pairs: Vec<u32>,
    own_pairs: f64,
    own_matches: f64,
}

struct Search<'a> {
    proposals: &'a Proposals,
    /// By rule and class.
    cells: Vec<Cell>,
    /// How many cells still propose each pair.
    proposers: Vec<u16>,
    match_shares: Vec<f64>,
    /// Pairs that any cell still proposes.
    left: usize,
}

impl<'a> Search<'a> {
    fn new(proposals: &'a Proposals, rules: usize, match_share: impl Fn(u128) -> f64) -> Self {
        let mut search = Self {
            proposals,
            cells: vec![Cell::default(); rules * CLASSES],
            proposers: vec![0; proposals.patterns.len()],
            match_shares: proposals.patterns.iter().map(|pattern| match_share(*pattern)).collect(),
            left: proposals.patterns.len(),
        };
        for pair in 0..proposals.patterns.len() as u32 {
            for &cell in proposals.of_pair(pair) {
                let pairs = &mut search.cells[usize::from(cell)].pairs;
                if pairs.last() != Some(&pair) {
                    pairs.push(pair);
                    search.proposers[pair as usize] += 1;
                }
            }
            if search.proposers[pair as usize] == 1 {
                search.make_own(pair);
            }
        }
        search
    }

    /// The rule, and the class from which on its blocks find the fewest matches of their own for each such pair.
    fn least_worth(&self) -> Option<(usize, usize)> {
        let least_class = class(ALWAYS_COMPARED) + 1;
        let of_rule = |(rule, cells): (usize, &[Cell])| {
            let (mut pairs, mut matches) = (0.0, BELIEVED_MATCHES);
            let mut worth = Vec::new();
            for (class, cell) in cells.iter().enumerate().skip(least_class).rev() {
                pairs += cell.own_pairs;
                matches += cell.own_matches;
                if cell.own_pairs > 0.0 {
                    worth.push((matches / pairs, (rule, class)));
                }
            }
            worth
        };
        let worth = self.cells.chunks(CLASSES).enumerate().flat_map(of_rule);
        worth.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, place)| place)
    }

    fn drop_classes(&mut self, rule: usize, from: usize) {
        for at in rule * CLASSES + from..(rule + 1) * CLASSES {
            let cell = &mut self.cells[at];
            (cell.dropped, cell.own_pairs, cell.own_matches) = (true, 0.0, 0.0);
            for pair in std::mem::take(&mut cell.pairs) {
                let proposers = &mut self.proposers[pair as usize];
                *proposers -= 1;
                match proposers {
                    0 => self.left -= 1,
                    1 => self.make_own(pair),
                    _ => {}
                }
            }
        }
    }

    /// Counts a pair for the one cell that still proposes it.
    fn make_own(&mut self, pair: u32) {
        let of_pair = self.proposals.of_pair(pair).iter().map(|cell| usize::from(*cell));
        if let Some(cell) = of_pair.into_iter().find(|cell| !self.cells[*cell].dropped) {
            self.cells[cell].own_pairs += 1.0;
            self.cells[cell].own_matches += self.match_shares[pair as usize];
        }
    }
}

/// The class of a block of this size.
fn class(size: u32) -> usize {
    let doublings = size.max(1).ilog2();
    (2 * doublings + (size >> doublings.saturating_sub(1) & 1) * u32::from(doublings > 0)) as usize
}

/// The least size of a class.
fn least_size(class: usize) -> u32 {
    match class {
        0 | 1 => 1,
        class => (2 + (class as u32 & 1)) << (class / 2 - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATCH: u128 = 1;
    const CHANCE: u128 = 2;

    /// What proposed a pair, its comparison vector, how many such pairs there are.
    type Proposed<'a> = (&'a [(usize, u32)], u128, usize);

    fn proposals(pairs: &[Proposed<'_>]) -> Proposals {
        let mut proposals = Proposals::default();
        for (proposed_by, pattern, times) in pairs {
            for _ in 0..*times {
                let cell = |(rule, size): &(usize, u32)| (rule * CLASSES + class(*size)) as u16;
                proposals.cells.extend(proposed_by.iter().map(cell));
                proposals.patterns.push(*pattern);
                proposals.ends.push(proposals.cells.len() as u32);
            }
        }
        proposals
    }

    fn worthwhile(proposals: &Proposals, allowed: f64) -> Vec<u32> {
        proposals.worthwhile(&[100, 100], allowed, |pattern| if pattern == MATCH { 1.0 } else { 0.0 })
    }

    #[test]
    fn a_size_is_not_less_than_the_least_of_its_class() {
        for size in 2..1_000 {
            assert!(least_size(class(size)) <= size && size < least_size(class(size) + 1), "{size}");
        }
    }

    #[test]
    fn the_blocks_that_find_the_fewest_matches_of_their_own_go_first() {
        let found = proposals(&[(&[(0, 40)], CHANCE, 90), (&[(0, 40)], MATCH, 10), (&[(1, 40)], CHANCE, 100)]);
        assert_eq!(worthwhile(&found, 1.0), [100, 100], "nothing is taken away without need");
        assert_eq!(worthwhile(&found, 0.6), [100, 31]);
    }

    #[test]
    fn matches_that_another_rule_finds_as_well_are_no_reason_to_keep_a_block() {
        let found = proposals(&[
            (&[(0, 40)], CHANCE, 100),
            (&[(0, 40), (1, 3)], MATCH, 50),
            (&[(1, 40)], CHANCE, 100),
            (&[(1, 40)], MATCH, 5),
        ]);
        assert_eq!(worthwhile(&found, 0.7), [31, 100]);
    }

    #[test]
    fn the_smallest_blocks_are_always_compared() {
        let found = proposals(&[(&[(0, ALWAYS_COMPARED)], CHANCE, 100)]);
        assert_eq!(worthwhile(&found, 0.1), [100, 100]);
    }
}
