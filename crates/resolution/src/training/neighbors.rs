//! People of one family name in one city: among their pairs are nearly all who live together.
//!
//! Of random pairs so few are people of one household that each would stand for hundreds of thousands of them, and their
//! number for nothing but luck. They are looked for where they are.

use crate::blocking::{KeyParts, sort_by_upper_half, with_rank};
use crate::encoding::mix;
use crate::plan::KeyPart;

/// Groups of records that share the sound of the family name and the city.
#[derive(Debug)]
pub struct Neighbors {
    /// By rank: the group's key, 0 for none.
    keys: Vec<u32>,
    /// Ranks by key.
    grouped: Vec<u32>,
    /// Of each group of two or more: its first place among the ranks, its size, and the pairs of all groups up to it.
    groups: Vec<(u32, u32, u64)>,
}

impl Neighbors {
    /// Groups some of so many records, by rank.
    pub fn new(parts: &KeyParts, records: usize, ranks: &[u32]) -> Self {
        let mut keys = vec![0; records];
        let [sound, city] = [KeyPart::FamilySound, KeyPart::City].map(|part| parts.first(part));
        for &rank in ranks {
            let (sound, city) = (sound(rank), city(rank));
            if sound != 0 && city != 0 {
                keys[rank as usize] = (mix(u64::from(sound), u64::from(city)) as u32).max(1);
            }
        }
        let keyed = |&rank: &u32| (keys[rank as usize] != 0).then(|| with_rank(keys[rank as usize], rank));
        let mut grouped: Vec<u64> = ranks.iter().filter_map(keyed).collect();
        sort_by_upper_half(&mut grouped);
        let grouped: Vec<u32> = grouped.into_iter().map(|keyed| keyed as u32).collect();
        let (mut groups, mut first, mut pairs) = (Vec::new(), 0, 0);
        for group in grouped.chunk_by(|a, b| keys[*a as usize] == keys[*b as usize]) {
            let size = group.len() as u64;
            if size > 1 {
                pairs += size * (size - 1) / 2;
                groups.push((first, size as u32, pairs));
            }
            first += size as u32;
        }
        Self { keys, grouped, groups }
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        self.groups.last().map_or(0, |(_, _, pairs)| *pairs)
    }

    /// Whether two records are in one group.
    pub fn has_pair(&self, a: u32, b: u32) -> bool {
        self.keys[a as usize] != 0 && self.keys[a as usize] == self.keys[b as usize]
    }

    /// A pair by the number of a draw, each as likely as any other; there must be one.
    pub fn draw(&self, draw: u64) -> (u32, u32) {
        let at = mix(draw, 5) % self.pairs();
        let (first, size, _) = self.groups[self.groups.partition_point(|(_, _, pairs)| *pairs <= at)];
        let one = (mix(draw, 6) % u64::from(size)) as u32;
        // Any but the first one.
        let other = (one + 1 + (mix(draw, 7) % u64::from(size - 1)) as u32) % size;
        let [a, b] = [one, other].map(|place| self.grouped[(first + place) as usize]);
        (a.min(b), a.max(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Frequencies;
    use crate::encoding::Encoded;
    use crate::plan::BlockingRule;
    use vinculo_records::{Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

    #[test]
    fn a_draw_is_a_pair_of_one_family_name_and_one_city() {
        let (mut names, mut cities) = (ListColumn::default(), ListColumn::default());
        for record in 0..60u64 {
            names.push_value("ana");
            names.push_value(["lima", "souza", "rocha"][record as usize % 3]);
            names.end_record();
            if record % 5 > 0 {
                cities.push_value(["recife", "olinda"][record as usize % 2]);
            }
            cities.end_record();
        }
        let hashes = (0..60).map(RecordHash).collect();
        let columns = vec![(Comparable::Name, names), (Comparable::City, cities)];
        let records = Encoded::new(&ComparableRecords::new(Kind::Person, hashes, columns));
        let rules = [BlockingRule::new(&[KeyPart::FamilySound, KeyPart::City], &[])];
        let parts = KeyParts::new(&rules, &records, Frequencies::default());
        let ranks: Vec<u32> = (0..60).collect();
        let neighbors = Neighbors::new(&parts, 60, &ranks);
        let shares = |a: u32, b: u32| a % 3 == b % 3 && a % 2 == b % 2 && !a.is_multiple_of(5) && !b.is_multiple_of(5);
        let position = |rank: u32| records.positions()[rank as usize];
        let all = ranks.iter().flat_map(|&a| (a + 1..60).map(move |b| (a, b)));
        let near = all.filter(|&(a, b)| shares(position(a), position(b)));
        let near: std::collections::BTreeSet<(u32, u32)> = near.collect();
        assert_eq!(neighbors.pairs(), near.len() as u64);
        let drawn: std::collections::BTreeSet<(u32, u32)> = (0..5_000).map(|draw| neighbors.draw(draw)).collect();
        assert_eq!(drawn, near, "any of them is drawn, and nothing else");
        assert!(near.iter().all(|&(a, b)| neighbors.has_pair(a, b)));
    }
}
