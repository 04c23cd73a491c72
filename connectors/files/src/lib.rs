//! The connector `files`: CSV, TSV and other delimited text, JSON Lines, JSON arrays, Parquet and XLSX; plain, gzip or
//! zstd; from a file, a folder, a glob or a list.
//!
//! The way of a record, one module a step:
//!
//! | step | module |
//! |---|---|
//! | options of `vinculo.yaml` → settings | `options` |
//! | paths and globs → files, each once | `listing` |
//! | first megabyte → what the file is and how it is laid out | `layout`, with `magic`, `encoding`, `envelope`, `dialect`, `titles` |
//! | bytes → decompressed, guarded | `inflate` |
//! | bytes → UTF-8 | `text` |
//! | text → records, cut out unread | `window` with `lines` or `elements`; `parquet`, `sheet` |
//! | records → cells | the contract's [`Decoder`](vinculo_connector::Decoder) |
//! | cells → batches, rejects, counts | `filling` |
//! | files → one delivery with checkpoints | `delivery` |
//! | all of it behind the contract | `source`, `look` |
//!
//! Cutting and reading are apart, so that what was cut is counted before anybody judges it.

mod cut;
mod delivery;
mod dialect;
mod elements;
mod encoding;
mod envelope;
mod filling;
mod inflate;
mod json_row;
mod layout;
mod lines;
mod listing;
mod look;
mod magic;
mod number;
mod open;
mod options;
mod parquet;
mod sheet;
mod source;
mod text;
mod titles;
mod window;

pub use source::Files;
