//! Merkle trees as RFC 6962 has them: one hash that stands for many rows, and short proofs that a row is among them.
//!
//! A leaf is SHA-256 over a zero byte and what it stands for, a node over a one byte and its two halves, so that neither
//! can pass for the other. A tree of `n` leaves has the greatest power of two below `n` on its left.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Leaves whose common node is kept, so that a proof needs these alone read again. A power of two, so that such a group is
/// a node of the tree.
pub const GROUP: usize = 64;

/// A hash of a tree: of a leaf, of a node, of a root.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHash(pub [u8; 32]);

/// What keeps a leaf from being guessed: random bytes, destroyed together with what the leaf stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

/// A text that is no hash of 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct NotAHash;

impl TreeHash {
    /// Where there is nothing before.
    pub const NONE: Self = Self([0; 32]);

    /// SHA-256 over parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// A leaf that stands for these bytes.
    pub fn leaf(bytes: &[u8]) -> Self {
        Self::of(&[&[0], bytes])
    }

    /// A leaf that stands for these bytes and tells nobody without the salt which they are: the leaf of their HMAC-SHA-256.
    pub fn salted_leaf(salt: &Salt, bytes: &[u8]) -> Self {
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&salt_block(salt)).into());
        mac.update(bytes);
        Self::leaf(&mac.finalize().into_bytes())
    }

    /// The node above two hashes.
    pub fn node(left: &Self, right: &Self) -> Self {
        Self::of(&[&[1], &left.0, &right.0])
    }
}

/// HMAC fills a key up with zeros to a block of SHA-256.
fn salt_block(salt: &Salt) -> [u8; 64] {
    let mut block = [0; 64];
    block[..16].copy_from_slice(&salt.0);
    block
}

/// The root of the tree over these leaves; that of no leaves is the hash of nothing.
pub fn root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::of(&[]),
        [only] => *only,
        _ => {
            let (left, right) = halves(leaves);
            TreeHash::node(&root(left), &root(right))
        }
    }
}

/// The hashes beside the way from a leaf up to the root, the lowest first.
pub fn path(leaves: &[TreeHash], position: usize) -> Vec<TreeHash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = halves(leaves);
    let (mut path, beside) = if position < left.len() {
        (path(left, position), root(right))
    } else {
        (path(right, position - left.len()), root(left))
    };
    path.push(beside);
    path
}

/// The root that a leaf at this position of a tree of so many leaves leads to along a path; none where the path is not as
/// long as such a tree is high.
pub fn root_by_path(leaf: TreeHash, position: u64, leaves: u64, path: &[TreeHash]) -> Option<TreeHash> {
    if position >= leaves {
        return None;
    }
    let (mut at, mut last, mut hash) = (position, leaves - 1, leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = TreeHash::node(beside, &hash);
            // The last leaf of a level may have nobody beside it on several levels.
            let alone = if at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> alone, last >> alone);
        } else {
            hash = TreeHash::node(&hash, beside);
        }
        (at, last) = (at / 2, last / 2);
    }
    (last == 0).then_some(hash)
}

/// The roots of groups of [`GROUP`] leaves. The root over these is the root over the leaves.
pub fn groups(leaves: &[TreeHash]) -> Vec<TreeHash> {
    leaves.chunks(GROUP).map(root).collect()
}

/// The path of a leaf, from the leaves of its own group and the roots of all groups.
pub fn path_in_groups(own: &[TreeHash], groups: &[TreeHash], position: usize) -> Vec<TreeHash> {
    let mut hashes = path(own, position % GROUP);
    hashes.extend(path(groups, position / GROUP));
    hashes
}

fn halves(leaves: &[TreeHash]) -> (&[TreeHash], &[TreeHash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl FromStr for TreeHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for TreeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TreeHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: usize) -> Vec<TreeHash> {
        (0..count).map(|n| TreeHash::leaf(&n.to_be_bytes())).collect()
    }

    #[test]
    fn the_roots_are_those_that_certificate_transparency_publishes() {
        let inputs: [&[u8]; 3] = [&[], &[0], &[0x10]];
        let leaves: Vec<TreeHash> = inputs.iter().map(|input| TreeHash::leaf(input)).collect();
        let expected = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ];
        for (count, expected) in expected.iter().enumerate() {
            assert_eq!(root(&leaves[..count]).to_string(), *expected, "{count} leaves");
        }
    }

    #[test]
    fn a_salted_leaf_is_the_leaf_of_an_hmac() {
        let salt = Salt(*b"sixteen bytes of");
        let inner = TreeHash::of(&[&salt_block(&salt).map(|byte| byte ^ 0x36), b"a row"]);
        let outer = TreeHash::of(&[&salt_block(&salt).map(|byte| byte ^ 0x5c), &inner.0]);
        assert_eq!(TreeHash::salted_leaf(&salt, b"a row"), TreeHash::leaf(&outer.0));
        assert_ne!(TreeHash::salted_leaf(&Salt([0; 16]), b"a row"), TreeHash::salted_leaf(&salt, b"a row"));
    }

    proptest! {
        #[test]
        fn every_leaf_of_every_tree_is_proved_and_no_other_is(count in 1_usize..300, at in any::<prop::sample::Index>()) {
            let (leaves, position) = (leaves(count), at.index(count));
            let path = path(&leaves, position);
            let proved = |leaf, position| root_by_path(leaf, position as u64, count as u64, &path);
            prop_assert_eq!(proved(leaves[position], position), Some(root(&leaves)));
            prop_assert_ne!(proved(TreeHash::leaf(b"another"), position), Some(root(&leaves)));
            for other in (0..count).filter(|other| *other != position) {
                prop_assert_ne!(proved(leaves[position], other), Some(root(&leaves)));
            }
        }

        #[test]
        fn a_path_that_is_cut_lengthened_or_changed_proves_nothing(count in 2_usize..300, at in any::<prop::sample::Index>()) {
            let (leaves, position) = (leaves(count), at.index(count));
            let whole = path(&leaves, position);
            let proved = |path: &[TreeHash]| root_by_path(leaves[position], position as u64, count as u64, path);
            prop_assert_eq!(proved(&whole[1..]), None);
            prop_assert_eq!(proved(&[&whole[..], &[TreeHash::NONE]].concat()), None);
            for place in 0..whole.len() {
                let mut changed = whole.clone();
                changed[place].0[at.index(32)] ^= 1;
                prop_assert_ne!(proved(&changed), Some(root(&leaves)));
            }
        }

        #[test]
        fn groups_are_nodes_of_the_tree(count in 1_usize..2_000, at in any::<prop::sample::Index>()) {
            let (leaves, position) = (leaves(count), at.index(count));
            let groups = groups(&leaves);
            prop_assert_eq!(root(&groups), root(&leaves));
            let first = position / GROUP * GROUP;
            let own = &leaves[first..count.min(first + GROUP)];
            prop_assert_eq!(path_in_groups(own, &groups, position), path(&leaves, position));
        }

        #[test]
        fn a_hash_is_written_and_read_again(bytes in any::<[u8; 32]>()) {
            let hash = TreeHash(bytes);
            prop_assert_eq!(hash.to_string().parse(), Ok(hash));
            let json = serde_json::to_string(&hash).unwrap();
            prop_assert_eq!(serde_json::from_str::<TreeHash>(&json).unwrap(), hash);
        }
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in ["", "00", &"g0".repeat(32), &"+1".repeat(32), &"é".repeat(32)] {
            assert_eq!(text.parse::<TreeHash>(), Err(NotAHash), "{text}");
        }
    }
}
