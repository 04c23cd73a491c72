//! Whether the server runs; how it is started and stopped.
//!
//! The postmaster is Postgres' first process. It keeps a file `postmaster.pid` in the data directory, which outlives
//! it when it is killed: the file alone is therefore no proof.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sysinfo::{MemoryRefreshKind, System};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::Error;
use crate::home::{Home, make_socket_directory, write_file};
use crate::settings::{ACCESS_CONF, port_in, server_conf, shared_buffers};

/// How long a start may take; it is long because recovery after a crash replays up to `max_wal_size`.
const START_PATIENCE: Duration = Duration::from_secs(300);

/// How long a stop may take; a checkpoint is written before the server ends.
const STOP_PATIENCE: Duration = Duration::from_secs(120);

/// How long the last processes of a killed server may keep its shared memory.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(20);

/// Beyond this size the log is set aside at the next start.
const LOG_MAX_BYTES: u64 = 8 << 20;

/// A server that runs.
#[derive(Debug, Clone)]
pub(crate) struct Postmaster {
    pub pid: Pid,
    pub port: u16,
    pub socket_directory: PathBuf,
    /// Whether it takes connections: false while it recovers or shuts down.
    pub ready: bool,
}

impl Postmaster {
    /// The server of a data directory, if it runs.
    ///
    /// The process number in `postmaster.pid` may have passed to a stranger since a crash, so the process itself is
    /// looked at.
    pub fn running(data: &Path) -> Option<Self> {
        let server = Self::parse(&fs::read_to_string(pid_file(data)).ok()?)?;
        is_server_of(server.pid, data).then_some(server)
    }

    /// Reads `postmaster.pid`: process, data directory, start time, port, socket directory, address, shared memory,
    /// state. A file that is still being written counts as none.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: Pid::from_raw(lines.first()?.parse().ok()?)?,
            port: lines.get(3)?.parse().ok()?,
            socket_directory: PathBuf::from(lines.get(4)?),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Waits until a server that runs takes connections; `None` if it ended instead.
    pub fn wait_until_ready(home: &Home) -> Result<Option<Self>, Error> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            match Self::running(&home.data()) {
                Some(server) if server.ready && server.listens() => return Ok(Some(server)),
                Some(server) if Instant::now() > deadline => {
                    return Err(server.timed_out("starting", START_PATIENCE, home));
                }
                Some(_) => sleep(POLL),
                None => return Ok(None),
            }
        }
    }

    /// Whether it still takes connections. A server that was killed a moment ago has a process but no ears.
    fn listens(&self) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
    }

    /// Stops the server: running statements are cancelled and rolled back, everything committed is kept.
    pub fn stop(&self, home: &Home) -> Result<(), Error> {
        let interrupted = kill_process(self.pid, Signal::INT);
        if let Err(error) = interrupted
            && error != rustix::io::Errno::SRCH
        {
            return Err(Error::Io { action: "stop the server of", path: home.data(), fault: error.into() });
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        while is_server_of(self.pid, &home.data()) {
            if Instant::now() > deadline {
                return Err(self.timed_out("stopping", STOP_PATIENCE, home));
            }
            sleep(POLL);
        }
        Ok(())
    }

    fn timed_out(&self, doing: &'static str, patience: Duration, home: &Home) -> Error {
        Error::TimedOut { pid: self.pid.as_raw_nonzero().get(), doing, seconds: patience.as_secs(), log: home.log() }
    }
}

/// Starts the server of a whole cluster that does not run, and waits until it takes connections.
///
/// The server is a process group of its own, so that Ctrl-C in the terminal does not end it with us.
pub(crate) fn start(
    home: &Home,
    binaries: &Binaries,
    account: &Account,
    extra: &[(String, String)],
) -> Result<Postmaster, Error> {
    let began = Instant::now();
    let mut avoid = None;
    clear_stale_files(home, account)?;
    let found = [
        ("wal_compression", log_compression(home, binaries, account)?.to_owned()),
        ("shared_buffers", format!("{}MB", shared_buffers(memory()))),
    ];
    loop {
        let port = choose_port(home, avoid)?;
        let socket = home.socket_directory(account);
        make_socket_directory(&socket, account)?;
        write_file(&home.access_conf(), 0o644, ACCESS_CONF)?;
        let configuration = server_conf(&home.access_conf(), &socket, port, &found, extra);
        write_file(&home.server_conf(), 0o644, &configuration)?;
        let detail = match attempt(home, binaries, account)? {
            Ok(server) => return Ok(server),
            Err(detail) => detail,
        };
        let waited = began.elapsed();
        if detail.contains("could not create any TCP/IP sockets") && waited < START_PATIENCE {
            // Another program took the port between our look and the server's.
            avoid = Some(port);
        } else if detail.contains("is still in use") && waited < ORPHAN_PATIENCE {
            // The postmaster was killed and its children are about to notice.
            sleep(POLL * 10);
        } else {
            return Err(Error::Start { detail, log: home.log() });
        }
    }
}

/// By what the server compresses pages in its log. `on` is pglz, which takes three times the CPU of lz4, but not every
/// build of Postgres knows that one: it is asked.
fn log_compression(home: &Home, binaries: &Binaries, account: &Account) -> Result<&'static str, Error> {
    let program = binaries.program("postgres");
    let output = account
        .command(&program, home.path())
        .arg("-D")
        .arg(home.data())
        .args(["-C", "wal_compression", "-c", "wal_compression=lz4"])
        .output()
        .map_err(|error| account.explain_failure(&program, home.path(), error))?;
    Ok(if output.status.success() { "lz4" } else { "on" })
}

/// Bytes of memory that the machine has, or that its container may take.
fn memory() -> u64 {
    let mut system = System::new();
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    limit.min(system.total_memory())
}

/// One attempt: the server, or the last lines of its log.
fn attempt(home: &Home, binaries: &Binaries, account: &Account) -> Result<Result<Postmaster, String>, Error> {
    let (log, offset) = open_log(home)?;
    let share = || log.try_clone().map_err(Error::io("open", &home.log()));
    let program = binaries.program("postgres");
    let mut config = std::ffi::OsString::from("config_file=");
    config.push(home.server_conf());
    let mut child = account
        .command(&program, home.path())
        .arg("-D")
        .arg(home.data())
        .arg("-c")
        .arg(config)
        .stdout(share()?)
        .stderr(share()?)
        .process_group(0)
        .spawn()
        .map_err(|error| account.explain_failure(&program, home.path(), error))?;
    let deadline = Instant::now() + START_PATIENCE;
    while exit_of(&mut child, &program)?.is_none() {
        match Postmaster::running(&home.data()) {
            Some(server) if server.ready => return Ok(Ok(server)),
            Some(server) if Instant::now() > deadline => {
                return Err(server.timed_out("starting", START_PATIENCE, home));
            }
            _ => sleep(POLL),
        }
    }
    Ok(Err(last_lines(&read_log(home, offset)?)))
}

fn exit_of(child: &mut Child, program: &Path) -> Result<Option<ExitStatus>, Error> {
    child.try_wait().map_err(Error::io("wait for", program))
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// Whether a process is the postmaster of this data directory, which is where it works.
fn is_server_of(pid: Pid, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()));
    let data = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    match fs::read_link(process.join("cwd")) {
        Ok(directory) => directory == data,
        // Root in a container may not look at another user's process; its arguments are public.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_encoded_bytes())
        }
        // Without /proc, as on macOS, all that can be asked is whether the process lives.
        Err(_) => !Path::new("/proc/self").exists() && test_kill_process(pid).is_ok(),
    }
}

/// Removes what a killed server left behind. Call it under the lock, when no server runs.
///
/// A left-over process number that now belongs to a stranger of the same user would stop Postgres from starting.
/// Removing the file is safe: Postgres also refuses while a process of the old server is attached to the shared
/// memory that belongs to the data directory.
fn clear_stale_files(home: &Home, account: &Account) -> Result<(), Error> {
    let remove = |path: PathBuf| match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
        _ => Ok(()),
    };
    remove(pid_file(&home.data()))?;
    let Ok(entries) = fs::read_dir(home.socket_directory(account)) else {
        return Ok(());
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".s.PGSQL."))
        .try_for_each(|entry| remove(entry.path()))
}

/// The port of the last start if it is free, else any free one.
fn choose_port(home: &Home, avoid: Option<u16>) -> Result<u16, Error> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let last = fs::read_to_string(home.server_conf()).ok().and_then(|text| port_in(&text));
    if let Some(port) = last.filter(|port| Some(*port) != avoid).filter(is_free) {
        return Ok(port);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Error::io("find a free port for", home.path()))
}

/// Opens the log for appending, and tells where this start begins in it.
fn open_log(home: &Home) -> Result<(File, u64), Error> {
    let path = home.log();
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    if length(&path) > LOG_MAX_BYTES {
        fs::rename(&path, path.with_extension("log.old")).map_err(Error::io("rename", &path))?;
    }
    let file =
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(Error::io("open", &path))?;
    Ok((file, length(&path)))
}

fn read_log(home: &Home, offset: u64) -> Result<String, Error> {
    let path = home.log();
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|mut file| file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_to_end(&mut bytes)))
        .map_err(Error::io("read", &path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last few lines of what a program wrote, on one line, for an error message.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(4)..];
    if last.is_empty() { "it wrote no reason".to_owned() } else { last.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/data\n1700000000\n54321\n/run/socket\n127.0.0.1\n  123  4\nready   \n";

    #[test]
    fn a_pid_file_tells_process_port_socket_and_state() {
        let server = Postmaster::parse(READY).expect("it is whole");
        assert_eq!(server.pid.as_raw_nonzero().get(), 4711);
        assert_eq!((server.port, server.ready), (54_321, true));
        assert_eq!(server.socket_directory, Path::new("/run/socket"));
    }

    #[test]
    fn a_pid_file_that_is_still_being_written_is_not_ready() {
        let starting = READY.replace("ready   ", "starting");
        assert!(!Postmaster::parse(&starting).expect("it has all lines but the state").ready);
        for unfinished in ["", "4711\n", "4711\n/data\n17\n", "0\n/d\n1\n5\n/s\n", "-\n/d\n1\n5\n/s\n"] {
            assert!(Postmaster::parse(unfinished).is_none(), "{unfinished:?}");
        }
    }

    #[test]
    fn a_living_process_that_works_elsewhere_is_not_our_server() {
        let this = Pid::from_raw(std::process::id().cast_signed()).expect("it is positive");
        assert!(!is_server_of(this, Path::new("/nowhere")));
    }

    #[test]
    fn an_error_quotes_the_end_of_the_log() {
        assert_eq!(last_lines("a\nb\n\nc\nd\ne\n"), "b; c; d; e");
        assert_eq!(last_lines("\n"), "it wrote no reason");
    }
}
