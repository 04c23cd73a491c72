//! What the system counts as ours after large blocks have been freed.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs::read_to_string;

const MIB: usize = 1 << 20;

/// Physical memory of this process, in bytes.
fn resident() -> usize {
    let status = read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

fn filled(bytes: usize) -> Vec<u8> {
    std::hint::black_box(vec![1; bytes])
}

#[test]
fn blocks_that_are_freed_leave_no_holes_between_blocks_that_stay() {
    vinculo_allocator::give_back_large_blocks();
    // From here on the allocator would take blocks up to this size from its heap, left alone.
    drop(filled(16 * MIB));
    let before = resident();
    let (freed, stay): (Vec<_>, Vec<_>) = (0..50).map(|_| (filled(4 * MIB), filled(1_000))).unzip();
    assert!(resident() > before + 150 * MIB);
    drop(freed);
    assert!(resident() < before + 50 * MIB, "{} MiB stay", (resident() - before) / MIB);
    drop(stay);
}
