//! A hash of bytes that is the same on every machine and in every version: models and stores keep it.

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

/// A 64-bit hash of some bytes. Not for secrets: anyone may compute it.
pub fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hash = mix(SEED, bytes.len() as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    hash
}

/// A hash of a hash and one more number; the order of the two matters.
pub fn mix(hash: u64, more: u64) -> u64 {
    // A full product folded in half spreads every bit of the input over the output.
    let product = u128::from(hash.rotate_left(25) ^ more ^ SEED) * u128::from(FACTOR);
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded.rotate_left(23).wrapping_mul(FACTOR) ^ (folded >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(stable_hash("joão da silva".as_bytes()), 0x2224_84c5_ff1a_1348);
    }

    #[test]
    fn the_order_of_what_is_mixed_matters() {
        assert_ne!(mix(1, 2), mix(2, 1));
    }

    #[test]
    fn close_texts_have_far_hashes() {
        let mut seen = std::collections::HashSet::new();
        for n in 0..100_000u32 {
            assert!(seen.insert(stable_hash(n.to_string().as_bytes())));
        }
    }
}
