//! What goes wrong with private clusters, and how each case ends.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use vinculo_private_postgres::{Error, Started};

use crate::scratch::{Scratch, ask, cluster_at, is_root};

#[test]
fn a_killed_server_starts_again_at_once_and_lost_nothing() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    ask(&scratch.cluster.url()?, "create table kept as select 42 as answer");
    let pid = scratch.cluster.status().pid.expect("it runs");
    kill_process(Pid::from_raw(pid).expect("it is positive"), Signal::KILL).expect("it is our server");
    while scratch.cluster.status().running {
        thread::yield_now();
    }
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh);
    assert_eq!(ask(&scratch.cluster.url()?, "select answer from kept"), "42");
    Ok(())
}

#[test]
fn a_process_number_that_passed_to_a_stranger_does_not_block_the_start() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let status = scratch.cluster.status();
    let pid_file = status.data_dir.join("postmaster.pid");
    let left_over = fs::read_to_string(&pid_file).expect("the server keeps it");
    scratch.cluster.stop()?;

    // Postgres itself gives way to any living process of its own user.
    let mut stranger = Command::new("sleep");
    stranger.arg("60");
    let owner = fs::metadata(&status.data_dir).expect("it exists");
    if is_root() {
        stranger.uid(owner.uid()).gid(owner.gid());
    }
    let mut stranger = stranger.spawn().expect("sleep is everywhere");
    let old = status.pid.expect("it ran").to_string();
    fs::write(&pid_file, left_over.replacen(&old, &stranger.id().to_string(), 1)).expect("the file is ours");

    let started = scratch.cluster.ensure_started();
    stranger.kill().expect("it sleeps");
    stranger.wait().expect("it was killed");
    assert_eq!(started?, Started::Fresh);
    Ok(())
}

#[test]
fn a_creation_that_was_killed_is_begun_anew() -> Result<(), Error> {
    let scratch = Scratch::new();
    let unfinished = scratch.home.join("data.new-0123456789abcdef");
    fs::create_dir_all(&unfinished).expect("the folder is ours");
    fs::write(unfinished.join("PG_VERSION"), "15\n").expect("the folder is ours");
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh);
    assert!(!unfinished.exists(), "the remains are swept away");
    Ok(())
}

#[test]
fn processes_that_start_at_the_same_moment_share_one_server() {
    let scratch = Scratch::new();
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let home = scratch.home.clone();
            thread::spawn(move || cluster_at(&home).ensure_started())
        })
        .collect();
    let outcomes: Vec<Started> =
        runs.into_iter().map(|run| run.join().expect("no panic").expect("no collision")).collect();
    assert_eq!(outcomes.iter().filter(|started| **started == Started::Fresh).count(), 1, "{outcomes:?}");
}

#[test]
fn a_taken_port_is_left_to_its_owner() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let port = scratch.cluster.status().port.expect("it runs");
    scratch.cluster.stop()?;
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the server let go of it");
    scratch.cluster.ensure_started()?;
    assert_ne!(scratch.cluster.status().port, Some(port));
    assert_eq!(ask(&scratch.cluster.url()?, "select 1"), "1");
    Ok(())
}

#[test]
fn a_cluster_of_another_version_is_refused_and_both_versions_are_named() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    scratch.cluster.stop()?;
    let data = scratch.cluster.status().data_dir;
    fs::write(data.join("PG_VERSION"), "12\n").expect("the file is ours");
    let error = scratch.cluster.ensure_started().expect_err("no Postgres 12 is supported");
    let Error::OtherVersion { cluster: 12, found, .. } = error else { panic!("{error}") };
    assert!(error.to_string().contains("made by Postgres 12"), "{error}");
    assert!(error.to_string().contains(&found.to_string()), "{error}");
    Ok(())
}

#[test]
fn a_folder_that_is_no_cluster_is_not_touched() {
    let scratch = Scratch::new();
    let precious = scratch.home.join("data/precious.txt");
    fs::create_dir_all(precious.parent().expect("it has one")).expect("the folder is ours");
    fs::write(&precious, "mine").expect("the folder is ours");
    let error = scratch.cluster.ensure_started().expect_err("it is no cluster");
    assert!(matches!(error, Error::NotACluster { .. }), "{error}");
    assert_eq!(fs::read_to_string(&precious).ok().as_deref(), Some("mine"));
}

#[test]
fn a_server_that_cannot_start_says_why() -> Result<(), Error> {
    let scratch = Scratch::new();
    let error = scratch.cluster.clone().with_setting("shared_buffers", "plenty").ensure_started();
    let error = error.expect_err("the setting is nonsense");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh, "the mistake costs nothing");
    Ok(())
}

#[test]
fn a_socket_folder_that_others_can_enter_is_refused() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let socket = scratch.cluster.status().socket_dir.expect("it runs");
    scratch.cluster.stop()?;
    fs::set_permissions(&socket, Permissions::from_mode(0o755)).expect("it is ours");
    let error = scratch.cluster.ensure_started().expect_err("it is open to all");
    assert!(matches!(error, Error::SocketDirectory { .. }), "{error}");
    Ok(())
}
