//! Where clusters may live, for root and for an ordinary user.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use vinculo_private_postgres::{Error, PrivateCluster, Started};

use crate::scratch::{Scratch, ask, is_root, needs_root, open_folder};

/// The ordinary user as whom root runs a test again.
const NOBODY: u32 = 65_534;

#[test]
fn a_path_too_long_for_a_socket_keeps_its_data_and_borrows_a_socket_folder() -> Result<(), Error> {
    let scratch = Scratch::below(&format!("{}/it's a \"long\" one, $HOME", "long-".repeat(24)));
    scratch.cluster.ensure_started()?;
    let status = scratch.cluster.status();
    assert!(status.data_dir.starts_with(&scratch.home));
    let socket = status.socket_dir.expect("it runs");
    assert_eq!(fs::metadata(&socket).expect("it exists").mode() & 0o777, 0o700);
    assert_eq!(ask(&scratch.cluster.socket_url()?, "select 1"), "1");
    scratch.cluster.remove()?;
    assert!(!socket.exists());
    Ok(())
}

#[test]
fn a_parent_that_the_server_may_not_enter_is_named() {
    if !needs_root("a_parent_that_the_server_may_not_enter_is_named") {
        return;
    }
    let scratch = Scratch::below("closed/cluster");
    let closed = scratch.home.parent().expect("it has one").to_owned();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).expect("it is ours");
    let error = scratch.cluster.ensure_started().expect_err("the server's user stays outside");
    let Error::Unsearchable { directory, .. } = &error else { panic!("{error}") };
    assert_eq!(directory, &closed);
}

#[test]
fn root_keeps_the_cluster_in_var_lib_owned_by_another_with_a_pointer_in_the_project() -> Result<(), Error> {
    if !needs_root("root_keeps_the_cluster_in_var_lib_owned_by_another_with_a_pointer_in_the_project") {
        return Ok(());
    }
    let project = tempfile::tempdir().expect("the temporary folder can be written");
    let cluster = PrivateCluster::for_project(project.path(), None)?;
    let started = cluster.ensure_started();
    let status = cluster.status();
    let pointer = project.path().join(".vinculo/postgres.location");
    let pointed = fs::read_to_string(&pointer);
    let owner = fs::metadata(&status.data_dir).map(|metadata| metadata.uid());

    let copy = project.path().join("copy");
    fs::create_dir_all(copy.join(".vinculo")).expect("it is ours");
    fs::copy(&pointer, copy.join(".vinculo/postgres.location")).expect("it is ours");
    let of_copy = PrivateCluster::for_project(&copy, None);
    cluster.remove()?;

    assert_eq!(started?, Started::Fresh);
    let home = PathBuf::from(pointed.expect("the pointer was written").trim_end());
    assert_eq!(home.parent(), Some(Path::new("/var/lib/vinculo")));
    assert_eq!(status.data_dir, home.join("data"));
    assert_ne!(owner.expect("the data existed"), 0);
    assert!(matches!(of_copy, Err(Error::Copied { .. })), "a copied project does not take the original's data");
    assert!(!home.exists() && !pointer.exists());
    Ok(())
}

#[test]
fn the_cluster_of_root_follows_a_project_that_was_moved() -> Result<(), Error> {
    if !needs_root("the_cluster_of_root_follows_a_project_that_was_moved") {
        return Ok(());
    }
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let (before, after) = (folder.path().join("loja"), folder.path().join("quitanda"));
    fs::create_dir(&before).expect("it is ours");
    let cluster = PrivateCluster::for_project(&before, None)?;
    cluster.ensure_started()?;
    ask(&cluster.url()?, "create table kept as select 7 as n");
    let old = cluster.status().data_dir;
    fs::rename(&before, &after).expect("it is ours");
    let moved = PrivateCluster::for_project(&after, None)?;
    let outcome = moved.ensure_started().and_then(|started| Ok((started, ask(&moved.url()?, "select n from kept"))));
    let new = moved.status().data_dir;
    moved.remove()?;

    assert_eq!(outcome?, (Started::Fresh, "7".to_owned()), "the server runs where the cluster is now");
    assert_ne!(old, new);
    assert!(!old.exists() && !new.exists());
    Ok(())
}

#[test]
fn an_ordinary_user_keeps_the_cluster_in_the_project_and_out_of_version_control() -> Result<(), Error> {
    if is_root() {
        run_again_as_nobody("an_ordinary_user_keeps_the_cluster_in_the_project_and_out_of_version_control");
        return Ok(());
    }
    let project = open_folder();
    let cluster = PrivateCluster::for_project(project.path(), None)?;
    let outcome = cluster.ensure_started().and_then(|started| Ok((started, cluster.url()?, cluster.socket_url()?)));
    let answers = outcome.as_ref().map(|(_, tcp, socket)| [ask(tcp, "select 1"), ask(socket, "select 1")]).ok();
    let home = project.path().join(".vinculo/postgres");
    let mode = |name: &str| fs::metadata(home.join(name)).expect("it exists").mode() & 0o777;
    let modes = [mode(""), mode("data"), mode("socket"), mode("password")];
    let ignored = fs::read_to_string(project.path().join(".vinculo/.gitignore"));
    cluster.remove()?;

    assert_eq!(outcome?.0, Started::Fresh);
    assert_eq!(answers, Some(["1".to_owned(), "1".to_owned()]));
    assert_eq!(modes, [0o700, 0o700, 0o700, 0o600]);
    assert_eq!(ignored.ok().as_deref(), Some("*\n"));
    Ok(())
}

#[test]
fn a_cluster_of_one_user_is_refused_to_another_by_name() -> Result<(), Error> {
    let project = open_folder();
    let folder = project.path().join(".vinculo");
    fs::create_dir_all(folder.join("postgres")).expect("it is ours");
    if is_root() {
        chown(folder.join("postgres"), Some(NOBODY), None).expect("root may");
    } else {
        fs::write(folder.join("postgres.location"), "/var/lib/vinculo/0123456789abcdef\n").expect("it is ours");
    }
    let error = PrivateCluster::for_project(project.path(), None).expect_err("it belongs to another");
    let owner = if is_root() { NOBODY } else { 0 };
    assert!(error.to_string().contains(&format!("belongs to user id {owner}")), "{error}");
    Ok(())
}

#[test]
fn a_project_that_does_not_exist_is_named() {
    let error = PrivateCluster::for_project(Path::new("/nowhere/loja"), None).expect_err("there is none");
    assert!(error.to_string().contains("/nowhere/loja"), "{error}");
}

/// Runs one test of this binary as an ordinary user, from a folder that such a user can reach.
fn run_again_as_nobody(test: &str) {
    let folder = open_folder();
    let program = folder.path().join("tests");
    // Copied by another process: a program that some child of this one inherits open for writing cannot be run.
    let copied = Command::new("cp").arg(std::env::current_exe().expect("it runs")).arg(&program).status();
    assert!(copied.expect("cp can be run").success(), "the folder is ours");
    let output = Command::new(&program)
        .args([&format!("places::{test}"), "--exact", "--nocapture"])
        .env("TMPDIR", "/tmp")
        .current_dir(folder.path())
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .expect("the copy can be run");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{output:?}");
}
