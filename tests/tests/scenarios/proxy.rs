//! A proxy before the database: it counts commits as they pass, and does something to one of them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What happens to a commit.
pub enum Fate {
    /// It goes through, after whatever else was done.
    Passes,
    /// The connection breaks when the server has answered, and the answer is lost.
    AnswerIsLost,
}

/// The message by which a transaction is committed.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// A proxy, for as long as the process lives.
pub struct Proxy {
    url: String,
    commits: Arc<AtomicUsize>,
}

impl Proxy {
    /// A proxy before the server of this URL. `fate` is asked at each commit, by its number from 1, before the server sees
    /// it.
    ///
    /// # Panics
    /// When no port is free, or the server is not reached by TCP.
    pub fn before(url: &str, fate: impl Fn(usize) -> Fate + Send + Sync + 'static) -> Self {
        let (start, rest) = url.split_once('@').expect("a URL with a user");
        let (server, rest) = rest.split_once('/').expect("a URL with a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("its address");
        let commits = Arc::new(AtomicUsize::new(0));
        let (server, counted) = (server.to_owned(), commits.clone());
        let fate: Arc<dyn Fn(usize) -> Fate + Send + Sync> = Arc::new(fate);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is down refuses the client too.
                if let Ok(upstream) = TcpStream::connect(&server) {
                    connect(client, upstream, counted.clone(), fate.clone());
                }
            }
        });
        Self { url: format!("{start}@{own}/{rest}"), commits }
    }

    /// Where clients connect to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many commits came by.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }
}

fn connect(
    client: TcpStream,
    server: TcpStream,
    commits: Arc<AtomicUsize>,
    fate: Arc<dyn Fn(usize) -> Fate + Send + Sync>,
) {
    let answer_is_lost = Arc::new(AtomicBool::new(false));
    let (from_client, to_server) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let lost = answer_is_lost.clone();
    std::thread::spawn(move || {
        pump(from_client, to_server, |bytes| {
            if bytes.windows(COMMIT.len()).any(|window| window == COMMIT) {
                let number = commits.fetch_add(1, Ordering::SeqCst) + 1;
                lost.store(matches!(fate(number), Fate::AnswerIsLost), Ordering::SeqCst);
            }
            true
        });
    });
    std::thread::spawn(move || pump(server, client, |_| !answer_is_lost.load(Ordering::SeqCst)));
}

/// Hands on what comes until either side ends, or `see` says that it ends here.
fn pump(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8]) -> bool) {
    let mut bytes = vec![0; 256 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if !see(&bytes[..length]) || to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
