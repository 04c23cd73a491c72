//! Where figures come from: the cluster, the folder, the machine and the versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use vinculo_private_postgres::Binaries;

use super::program::Program;
use crate::postgres::{ThrowawayCluster, find_or_install};
use crate::workspace::{self, Workspace};

/// The cores that everything runs on, Postgres included.
pub const CORES: usize = 2;

/// Settings of the server, beside those of every private cluster. Nothing that guards the data is switched off.
const SERVER: [(&str, &str); 2] = [("fsync", "on"), ("synchronous_commit", "on")];

/// A cluster and a folder of their own, and what is to be known of the machine.
pub struct Setting<'a> {
    workspace: &'a Workspace,
    cluster: ThrowawayCluster,
    binaries: Binaries,
    load_before: String,
}

impl<'a> Setting<'a> {
    /// Starts the cluster, on two cores.
    pub fn new(workspace: &'a Workspace) -> Result<Self> {
        let load_before = load()?;
        keep_to_cores()?;
        let binaries = find_or_install()?;
        let cluster = ThrowawayCluster::start(workspace, "bench-postgres", &SERVER)?;
        Ok(Self { workspace, cluster, binaries, load_before })
    }

    /// The program that is measured, on a new database.
    pub fn program(&self, database: &str) -> Result<Program> {
        let create = format!("CREATE DATABASE {database}");
        workspace::run(&mut self.psql("vinculo", &["--command", &create])?)?;
        Ok(Program::new(self.workspace.release_program("vinculo"), self.url(database)?))
    }

    /// Drops a database that is of no use any more.
    pub fn forget(&self, database: &str) -> Result<()> {
        let drop = format!("DROP DATABASE {database} WITH (FORCE)");
        workspace::run(&mut self.psql("vinculo", &["--command", &drop])?)
    }

    /// psql on a database of the cluster, as terse as it can be. The address on its command line holds a password that
    /// is of no use once the cluster is thrown away.
    pub fn psql(&self, database: &str, arguments: &[&str]) -> Result<Command> {
        let mut psql = Command::new(self.binaries.program("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &self.url(database)?]);
        psql.args(arguments);
        Ok(psql)
    }

    fn url(&self, database: &str) -> Result<String> {
        let url = self.cluster.url()?;
        let (server, _) = url.rsplit_once('/').context("an address ends with its database")?;
        Ok(format!("{server}/{database}"))
    }

    /// The first process of the server.
    pub fn server(&self) -> Result<i32> {
        self.cluster.pid().context("the server runs")
    }

    /// The folder of the checkout.
    pub fn root(&self) -> &Path {
        self.workspace.root()
    }

    /// A new, empty folder, removed in the end.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folders().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    /// A folder that is kept from one run to the next.
    pub fn kept_folder(&self, name: &str) -> PathBuf {
        self.workspace.target().join(name)
    }

    fn folders(&self) -> PathBuf {
        self.workspace.target().join("bench")
    }

    /// Runs the generator of invented records.
    pub fn generate(&self, arguments: &[&str]) -> Result<()> {
        workspace::run(Command::new(self.workspace.release_program("generate")).args(arguments))
    }

    /// The line above the figures: the command, the day, the machine, the versions.
    pub fn stamp(&self, part: &str) -> String {
        let facts = [
            format!("`cargo x bench {part}`"),
            chrono::Utc::now().format("%Y-%m-%d").to_string(),
            format!("{CORES} cores of {}", fact("/proc/cpuinfo", "model name")),
            format!("{} GB of memory", memory() / 1_000_000_000),
            format!("Linux {}", fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim()),
            format!("Postgres {}", self.binaries.version()),
            format!("Vinculo {}", env!("CARGO_PKG_VERSION")),
            format!("load of the machine before: {}", self.load_before),
        ];
        facts.join(" · ")
    }
}

impl Drop for Setting<'_> {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(self.folders()) {
            eprintln!("the folder of the figures' data could not be removed: {error}");
        }
    }
}

/// Keeps this process, and so everything that it starts, to two of the cores that it may use.
fn keep_to_cores() -> Result<()> {
    let all = sched_getaffinity(None)?;
    let mut some = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|&core| all.is_set(core)).take(CORES).for_each(|core| some.set(core));
    Ok(sched_setaffinity(None, &some)?)
}

/// How many processes wanted a core in the last minute.
fn load() -> Result<String> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or_default().to_owned())
}

/// The machine's memory, in bytes.
fn memory() -> u64 {
    let total = fact("/proc/meminfo", "MemTotal");
    total.trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}

/// The value of the first line with this name.
fn fact(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
    value.map_or_else(|| format!("unknown {name}"), |(_, value)| value.trim().to_owned())
}
