//! How the program's memory allocator treats large blocks.
//!
//! glibc maps a large block on its own and gives it back when it is freed, until the first such block is freed: from
//! then on everything up to that size, 32 MiB at most, comes from the heap, where what is freed leaves a hole. A run lets
//! go of hundreds of such blocks, column by column; `docs/decisions/0011-persons-at-speed.md` says what the holes cost.

/// Blocks from this size on are mapped on their own, for good; smaller ones are many, and mapping costs time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_BYTES: libc::c_int = 1 << 20;
/// So much may stay free at the end of the heap, as glibc has it where it chooses for itself.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const FREE_BYTES: libc::c_int = 32 << 20;

/// Asks that large blocks be given back to the system as soon as they are freed. Where the allocator is not glibc's,
/// nothing happens.
pub fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "mallopt is a C function; no library wraps it")]
    // SAFETY: `mallopt` takes two integers, may be called at any time from any thread, and answers what it does not
    // accept with 0, which leaves everything as it was.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, FREE_BYTES);
    }
}
