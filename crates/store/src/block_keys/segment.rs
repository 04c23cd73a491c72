//! Segments: the keys that begin alike, packed into the bytes of one row.

use super::KeyEntry;
use vinculo_records::RecordId;

/// The format of the segments: how many entries (u32); of each, ascending, the 16 bits of its key that follow the prefix;
/// of each, its record in five bytes. All little-endian. With the prefix they tell keys apart well enough: one look-up in
/// a thousand finds a record of another key, which is then compared in vain.
pub(super) const FORMAT: i16 = 1;
/// Entries of a segment, about: at most so many times two. A look-up reads them all, and each segment costs a row.
const ENTRIES_A_SEGMENT: u64 = 64;
const PREFIX_BITS_MAX: u32 = 24;
const RECORD_BYTES: usize = 5;

/// How many bits of a key all keys of a segment have in common, of so many keys.
pub(super) fn prefix_bits(entries: u64) -> u32 {
    (entries / ENTRIES_A_SEGMENT).max(1).ilog2().min(PREFIX_BITS_MAX)
}

/// The first bits of a key.
pub(super) fn segment(key: u64, prefix_bits: u32) -> i32 {
    // At most 24 bits are left.
    key.checked_shr(u64::BITS - prefix_bits).unwrap_or(0) as i32
}

/// The 16 bits after the first ones.
pub(super) fn rest(key: u64, prefix_bits: u32) -> u16 {
    (key << prefix_bits >> (u64::BITS - u16::BITS)) as u16
}

pub(super) fn pack(entries: &[KeyEntry], prefix_bits: u32, data: &mut Vec<u8>) {
    data.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    entries.iter().for_each(|entry| data.extend_from_slice(&rest(entry.key, prefix_bits).to_le_bytes()));
    entries.iter().for_each(|entry| data.extend_from_slice(&entry.record.0.to_le_bytes()[..RECORD_BYTES]));
}

/// The records of a key in its segment; none when the segment is damaged.
pub(super) fn unpack(data: &[u8], rest: u16) -> Option<impl Iterator<Item = RecordId> + '_> {
    let (count, entries) = data.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (rests, records) = entries.split_at_checked(count.checked_mul(2)?)?;
    let records = records.as_chunks::<RECORD_BYTES>().0;
    let rests = rests.as_chunks::<2>().0;
    let first = rests.partition_point(|bytes| u16::from_le_bytes(*bytes) < rest);
    let of_key = rests.get(first..)?.iter().take_while(move |bytes| u16::from_le_bytes(**bytes) == rest).count();
    let records = records.get(first..first + of_key)?;
    Some(records.iter().map(|bytes| {
        let mut id = [0; 8];
        id[..RECORD_BYTES].copy_from_slice(bytes);
        RecordId(i64::from_le_bytes(id))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_key_gives_back_its_records(
            mut entries in prop::collection::vec((any::<u64>(), 0_i64..1 << 40), 1..200),
            prefix_bits in 0_u32..=PREFIX_BITS_MAX,
            asked in any::<prop::sample::Index>(),
        ) {
            entries.sort_unstable();
            entries.dedup();
            let entries: Vec<KeyEntry> =
                entries.into_iter().map(|(key, record)| KeyEntry { key, record: RecordId(record) }).collect();
            let asked = asked.get(&entries);
            let of_segment: Vec<KeyEntry> = entries
                .iter()
                .copied()
                .filter(|entry| segment(entry.key, prefix_bits) == segment(asked.key, prefix_bits))
                .collect();
            let mut data = Vec::new();
            pack(&of_segment, prefix_bits, &mut data);
            let found: Vec<RecordId> = unpack(&data, rest(asked.key, prefix_bits)).unwrap().collect();
            prop_assert!(found.contains(&asked.record));
        }
    }

    #[test]
    fn a_damaged_segment_is_told_and_nothing_is_read_beyond_it() {
        let mut data = Vec::new();
        pack(&[KeyEntry { key: 7 << 48, record: RecordId(1) }], 0, &mut data);
        for cut in 0..data.len() {
            assert!(unpack(&data[..cut], 7).is_none_or(|records| records.count() == 0), "cut at {cut}");
        }
        assert_eq!(unpack(&data, 7).unwrap().collect::<Vec<_>>(), [RecordId(1)]);
    }

    #[test]
    fn segments_follow_the_order_of_keys() {
        assert_eq!([0, 1 << 63, u64::MAX].map(|key| segment(key, 1)), [0, 1, 1]);
        assert_eq!(segment(u64::MAX, 0), 0);
        assert_eq!(rest(0xAAAA_BBBB_CCCC_DDDD, 16), 0xBBBB);
    }
}
