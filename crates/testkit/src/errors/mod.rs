//! What goes wrong when people and systems write things down. Each function takes the truth and gives it back damaged,
//! in one of the ways that real files show.

pub mod codes;
pub mod names;
pub mod typing;
