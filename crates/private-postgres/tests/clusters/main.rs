//! Real clusters of the installed Postgres, each in a folder of its own.

mod life;
mod places;
mod scratch;
mod trouble;
