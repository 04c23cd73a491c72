//! What the server is told at every start.

use std::fmt::Write as _;
use std::path::Path;

/// Who may connect: anyone with the password, through the private socket or the loopback interface.
pub(crate) const ACCESS_CONF: &str = "\
# Written by Vinculo.
local all all              scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
";

/// Settings that hold for every private cluster.
///
/// The log must never hold personal data. Statements, parameters and details are off, and errors are not logged at
/// all, because the message itself may quote a value (`invalid input syntax for type date: "…"`); the client gets
/// them. `log` as the least level keeps what concerns the server itself.
const SETTINGS: [(&str, &str); 18] = [
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_permissions", "0700"),
    ("password_encryption", "scram-sha-256"),
    ("maintenance_work_mem", "256MB"),
    ("max_wal_size", "2GB"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_error_verbosity", "terse"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    ("log_statement", "none"),
    ("log_checkpoints", "off"),
    ("log_autovacuum_min_duration", "-1"),
];

/// Memory in which the server keeps pages, in MB, on a machine with so many bytes. It shares the machine with a program
/// that holds all records while it resolves them: an eighth leaves that room. The upper bound holds all of a store with
/// a million records; the lower one is what the server takes of itself.
pub(crate) fn shared_buffers(memory: u64) -> u64 {
    (memory >> 20 >> 3).clamp(128, 2048)
}

/// The text of the server's configuration file; `found` is what suits the machine. Of a setting named twice the last one holds, so `extra` wins.
///
/// It begins with the file that `initdb` wrote, because that holds what was found out about the machine, such as
/// which kind of shared memory works.
pub(crate) fn server_conf(
    access: &Path,
    socket: &Path,
    port: u16,
    found: &[(&str, String)],
    extra: &[(String, String)],
) -> String {
    let mut text = String::from("# Written by Vinculo at every start; ALTER SYSTEM lasts.\n");
    text.push_str("include 'data/postgresql.conf'\n");
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
    };
    line("port", &port.to_string());
    line("unix_socket_directories", &quoted_list_item(socket));
    line("hba_file", &access.to_string_lossy());
    for (name, value) in SETTINGS {
        line(name, value);
    }
    for (name, value) in found {
        line(name, value);
    }
    for (name, value) in extra {
        line(name, value);
    }
    text
}

/// The port of an earlier start, so that addresses people noted down stay good.
pub(crate) fn port_in(server_conf: &str) -> Option<u16> {
    let value = server_conf.lines().find_map(|line| line.strip_prefix("port = "))?;
    value.trim_matches('\'').parse().ok()
}

/// The setting is a comma-separated list: a directory with a comma or a space needs double quotes.
fn quoted_list_item(directory: &Path) -> String {
    format!("\"{}\"", directory.to_string_lossy().replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_can_be_read_back() {
        let text = server_conf(Path::new("/a"), Path::new("/b"), 54_321, &[], &[]);
        assert_eq!(port_in(&text), Some(54_321));
        assert_eq!(port_in("nothing"), None);
    }

    #[test]
    fn the_server_gets_an_eighth_of_the_memory_within_bounds() {
        for (gigabytes, expected) in [(0, 128), (1, 128), (2, 256), (8, 1024), (16, 2048), (512, 2048)] {
            assert_eq!(shared_buffers(gigabytes << 30), expected, "{gigabytes} GB");
        }
    }

    #[test]
    fn quotes_in_paths_and_values_are_escaped() {
        let extra = [("work_mem".into(), "8MB".into())];
        let text = server_conf(Path::new("/it's"), Path::new("/a, \"b\""), 1, &[], &extra);
        assert!(text.contains("hba_file = '/it''s'"), "{text}");
        assert!(text.contains(r#"unix_socket_directories = '"/a, ""b"""'"#), "{text}");
        assert!(text.ends_with("work_mem = '8MB'\n"), "{text}");
    }
}
