//! The ordinary life of a cluster: made, started, adopted, stopped.

use std::fs;

use vinculo_private_postgres::{Error, Started};

use crate::scratch::{Scratch, ask, cluster_at, psql};

#[test]
fn a_fresh_cluster_answers_over_tcp_and_over_its_socket() -> Result<(), Error> {
    let scratch = Scratch::new();
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh);
    let who = "select current_database() || ' ' || current_user || ' ' || coalesce(host(inet_server_addr()), 'socket')";
    assert_eq!(ask(&scratch.cluster.url()?, who), "vinculo vinculo 127.0.0.1");
    assert_eq!(ask(&scratch.cluster.socket_url()?, who), "vinculo vinculo socket");
    Ok(())
}

#[test]
fn the_next_run_adopts_the_running_server() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let next_run = cluster_at(&scratch.home);
    assert_eq!(next_run.ensure_started()?, Started::Adopted);
    assert_eq!(next_run.status(), scratch.cluster.status());
    assert_eq!(next_run.url()?, scratch.cluster.url()?);
    Ok(())
}

#[test]
fn a_stop_keeps_the_data_and_the_next_start_keeps_the_address() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let url = scratch.cluster.url()?;
    ask(&url, "create table kept as select 42 as answer");
    assert!(scratch.cluster.stop()?, "it was running");
    assert!(!scratch.cluster.status().running);
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh);
    assert_eq!(scratch.cluster.url()?, url);
    assert_eq!(ask(&url, "select answer from kept"), "42");
    Ok(())
}

#[test]
fn a_cluster_that_does_not_run_has_a_status_but_no_address() -> Result<(), Error> {
    let scratch = Scratch::new();
    let status = scratch.cluster.status();
    assert!(!status.running && status.pid.is_none() && status.version.is_none());
    assert!(matches!(scratch.cluster.url(), Err(Error::NotRunning { .. })));
    assert!(!scratch.cluster.stop()?, "there was nothing to stop");
    assert!(!scratch.home.exists(), "asking makes nothing");
    Ok(())
}

#[test]
fn the_cluster_is_set_up_for_utf8_checksums_and_bulk_loads() -> Result<(), Error> {
    let scratch = Scratch::new();
    let cluster = scratch.cluster.clone().with_setting("max_connections", "37");
    cluster.ensure_started()?;
    let url = cluster.url()?;
    let cases = [
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("maintenance_work_mem", "256MB"),
        ("max_wal_size", "2GB"),
        ("max_connections", "37"),
        ("listen_addresses", "127.0.0.1"),
    ];
    for (setting, expected) in cases {
        assert_eq!(ask(&url, &format!("show {setting}")), expected, "{setting}");
    }
    let suits_the_machine =
        "select setting::int / 128 between 128 and 2048 from pg_settings where name = 'shared_buffers'";
    assert_eq!(ask(&url, suits_the_machine), "t");
    let is_cheapest = "select setting = case when 'lz4' = any (enumvals) then 'lz4' else 'pglz' end
        from pg_settings where name = 'wal_compression'";
    assert_eq!(ask(&url, is_cheapest), "t");
    assert_eq!(Some(cluster.status().version.expect("it exists").to_string()), {
        ask(&url, "show server_version_num").get(..2).map(str::to_owned)
    });
    Ok(())
}

#[test]
fn the_server_log_never_quotes_a_value() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    let url = scratch.cluster.url()?;
    let refused = [
        "select 'maria@example.com'::integer",
        "create table person (email text primary key); insert into person values ('maria@example.com'), ('maria@example.com')",
        "do $$ begin raise warning 'maria@example.com'; end $$",
    ];
    for statement in refused {
        let answer = psql(&url, statement);
        assert!(String::from_utf8_lossy(&answer.stderr).contains("maria@"), "the client does see it");
    }
    let log = fs::read_to_string(scratch.cluster.status().log).expect("there is a log");
    assert!(log.contains("ready to accept connections"), "the log is not silent: {log}");
    assert!(!log.contains("maria"), "{log}");
    Ok(())
}

#[test]
fn nobody_enters_without_the_password() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    for url in [scratch.cluster.url()?, scratch.cluster.socket_url()?] {
        let (before, rest) = url.split_once("vinculo:").expect("the address names the role");
        let (_password, after) = rest.split_once('@').expect("the address holds the password");
        let answer = psql(&format!("{before}vinculo:guessed@{after}"), "select 1");
        assert!(!answer.status.success());
        assert!(String::from_utf8_lossy(&answer.stderr).contains("password authentication failed"));
    }
    Ok(())
}

#[test]
fn a_removed_cluster_leaves_nothing() -> Result<(), Error> {
    let scratch = Scratch::new();
    scratch.cluster.ensure_started()?;
    scratch.cluster.remove()?;
    assert!(!scratch.home.exists());
    assert_eq!(scratch.cluster.ensure_started()?, Started::Fresh);
    Ok(())
}
