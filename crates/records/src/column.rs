//! The one column layout: offsets, bytes, validity, list offsets, each buffer as Arrow has it.

use std::fmt;

/// Text values, one after the other: `offsets[i]..offsets[i + 1]` are the bytes of value `i`.
///
/// The buffers are those of an Arrow `Utf8` array, save that validity is a byte a value (0 is null). At most 4 GiB of
/// text a column; larger data are partitioned first.
#[derive(Clone, PartialEq, Eq)]
pub struct TextColumn {
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    valid: Vec<u8>,
}

/// How much there is of it, never what it says.
impl fmt::Debug for TextColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextColumn").field("values", &self.len()).field("bytes", &self.byte_len()).finish()
    }
}

impl Default for TextColumn {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new(), valid: Vec::new() }
    }
}

impl TextColumn {
    /// An empty column with room for `values` values of `bytes` bytes in all.
    pub fn with_capacity(values: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Self { offsets, bytes: Vec::with_capacity(bytes), valid: Vec::with_capacity(values) }
    }

    /// How many values, nulls included.
    pub fn len(&self) -> usize {
        self.valid.len()
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.valid.is_empty()
    }

    /// Adds a value, or null.
    ///
    /// # Panics
    /// Over 4 GiB of text: the caller partitions long before that.
    pub fn push(&mut self, value: Option<&str>) {
        self.bytes.extend_from_slice(value.unwrap_or_default().as_bytes());
        self.offsets.push(u32::try_from(self.bytes.len()).expect("a text column holds at most 4 GiB"));
        self.valid.push(u8::from(value.is_some()));
    }

    /// Value `i`, or `None` where it is null.
    pub fn get(&self, i: usize) -> Option<&str> {
        (self.valid[i] != 0).then(|| self.text(i))
    }

    /// Value `i`, the empty text where it is null.
    pub fn text(&self, i: usize) -> &str {
        let bytes = &self.bytes[self.offsets[i] as usize..self.offsets[i + 1] as usize];
        // Only `push` writes bytes, and it takes whole texts.
        std::str::from_utf8(bytes).expect("a text column holds whole texts")
    }

    /// The bytes of value `i`, without a look at their encoding.
    pub fn bytes(&self, i: usize) -> &[u8] {
        &self.bytes[self.offsets[i] as usize..self.offsets[i + 1] as usize]
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Bytes of text in all.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Makes room for so many records in all, as these were so many and the others are like them.
    fn expect(&mut self, records: usize, seen: usize) {
        expect(&mut self.offsets, records, seen);
        expect(&mut self.bytes, records, seen);
        expect(&mut self.valid, records, seen);
    }

    /// Removes all values, keeps the memory.
    pub fn clear(&mut self) {
        self.offsets.truncate(1);
        self.bytes.clear();
        self.valid.clear();
    }

    /// Adds all values of another column.
    pub fn append(&mut self, other: &Self) {
        let base = u32::try_from(self.bytes.len()).expect("a text column holds at most 4 GiB");
        assert!(other.bytes.len() <= (u32::MAX - base) as usize, "a text column holds at most 4 GiB");
        self.bytes.extend_from_slice(&other.bytes);
        self.offsets.extend(other.offsets[1..].iter().map(|offset| base + offset));
        self.valid.extend_from_slice(&other.valid);
    }
}

/// Lists of text values, one list a record: `list_offsets[r]..list_offsets[r + 1]` are the values of record `r`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumn {
    list_offsets: Vec<u32>,
    values: TextColumn,
}

impl Default for ListColumn {
    fn default() -> Self {
        Self { list_offsets: vec![0], values: TextColumn::default() }
    }
}

impl ListColumn {
    /// How many records.
    pub fn len(&self) -> usize {
        self.list_offsets.len() - 1
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value to the record that is being built.
    pub fn push_value(&mut self, value: &str) {
        self.values.push(Some(value));
    }

    /// Ends the record that is being built; without values it has an empty list, which is how a value is missing.
    pub fn end_record(&mut self) {
        self.list_offsets.push(u32::try_from(self.values.len()).expect("a list column holds at most 2^32 values"));
    }

    /// The values of record `r`, in their order.
    pub fn get(&self, r: usize) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.range(r).map(|i| self.values.text(i))
    }

    /// The first value of record `r`.
    pub fn first(&self, r: usize) -> Option<&str> {
        self.get(r).next()
    }

    /// Where the values of record `r` stand in [`Self::values`].
    pub fn range(&self, r: usize) -> std::ops::Range<usize> {
        self.list_offsets[r] as usize..self.list_offsets[r + 1] as usize
    }

    /// All values of all records.
    pub fn values(&self) -> &TextColumn {
        &self.values
    }

    /// Makes room for so many records in all, as if the others were like those that there are: a column that grows step by
    /// step is copied again and again, and leaves holes in memory.
    pub fn expect(&mut self, records: usize) {
        let seen = self.len().max(1);
        expect(&mut self.list_offsets, records, seen);
        self.values.expect(records, seen);
    }

    /// Adds all records of another column.
    pub fn append(&mut self, other: &Self) {
        let base = u32::try_from(self.values.len()).expect("a list column holds at most 2^32 values");
        self.values.append(&other.values);
        self.list_offsets.extend(other.list_offsets[1..].iter().map(|offset| base + offset));
    }
}

/// Makes room for what so many records take, and a little more; those `seen` take what there is.
fn expect<T>(items: &mut Vec<T>, records: usize, seen: usize) {
    let expected = items.len() as u128 * records as u128 * 33 / 32 / seen as u128;
    items.reserve_exact(usize::try_from(expected).unwrap_or(0).saturating_sub(items.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_differ() {
        let mut column = TextColumn::default();
        column.push(Some(""));
        column.push(None);
        column.push(Some("ç"));
        assert_eq!(column.iter().collect::<Vec<_>>(), [Some(""), None, Some("ç")]);
    }

    #[test]
    fn lists_append_in_order() {
        let mut left = ListColumn::default();
        left.push_value("a");
        left.push_value("b");
        left.end_record();
        let mut right = ListColumn::default();
        right.end_record();
        right.push_value("c");
        right.end_record();
        left.append(&right);
        assert_eq!(left.len(), 3);
        assert_eq!(left.get(0).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(left.get(1).len(), 0);
        assert_eq!(left.first(2), Some("c"));
        let same = left.clone();
        left.expect(1_000);
        assert_eq!(left, same, "room is no content");
    }
}
