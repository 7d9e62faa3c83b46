//! The real `nuanlin serve`, to be killed, restarted and stopped like a deployed one.

use std::io::{BufRead as _, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nuanlin::access::keys::Keys;

use super::database::TestDatabase;

/// The binary under test; `NUANLIN_TEST_BINARY` names another, say the released one.
pub fn path() -> String {
    std::env::var("NUANLIN_TEST_BINARY")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_nuanlin").to_owned())
}

/// A command of the binary on a test's database, with keys beside it.
pub fn command(database: &TestDatabase) -> Command {
    let keys = database.directory().join("keys");
    Keys::load(&keys, true).expect("keys");
    let mut command = Command::new(path());
    command
        .env("DATABASE_URL", &database.url)
        .env("NUANLIN_KEYS_DIR", keys)
        .env(
            "NUANLIN_STORE_URL",
            database.directory().join("attachments"),
        )
        .current_dir(database.directory())
        .stdin(Stdio::null());
    command
}

/// A running server; it is killed when this is dropped.
pub struct Server {
    start: Command,
    process: Process,
    listen: SocketAddr,
    admin: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server on free ports and waits until it is ready.
    pub async fn start(database: &TestDatabase, environment: &[(&str, &str)]) -> Self {
        let (listen, admin) = (free_address(), free_address());
        let mut start = command(database);
        start
            .arg("serve")
            .args(["--listen", &listen.to_string()])
            .args(["--admin-listen", &admin.to_string()])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let log = Arc::default();
        let mut server = Server {
            process: Process::spawn(&mut start, &log),
            start,
            listen,
            admin,
            log,
        };
        server.wait_until_ready().await;
        server
    }

    /// Where phones connect.
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// `http://ADDRESS`, as clients want it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// `http://ADDRESS` of metrics and readiness details.
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// A handle that kills this server, also after restarts.
    pub fn process(&self) -> Process {
        self.process.clone()
    }

    /// Starts it again with the same ports and environment, killing it first if it runs.
    pub async fn restart(&mut self) {
        self.process.kill();
        self.process.replace(&mut self.start, &self.log);
        self.wait_until_ready().await;
    }

    /// Asks it to stop and waits until it has, at most 30 s.
    pub async fn stop(&mut self) -> ExitStatus {
        self.process.terminate();
        for _ in 0..1500 {
            if let Some(status) = self.process.ended() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("did not stop within 30 s:\n{}", self.log());
    }

    /// Everything it wrote so far, standard output and errors in one.
    pub fn log(&self) -> String {
        self.log.lock().expect("no reader panics").clone()
    }

    async fn wait_until_ready(&mut self) {
        let http = super::files::client();
        let url = format!("{}/readyz", self.base_url());
        for _ in 0..1500 {
            if http
                .get(&url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            if let Some(status) = self.process.ended() {
                panic!("ended before it was ready, {status}:\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not ready within 30 s:\n{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill();
    }
}

/// The server's process; whoever holds a copy can kill it.
#[derive(Clone)]
pub struct Process(Arc<Mutex<Child>>);

impl Process {
    fn spawn(command: &mut Command, log: &Arc<Mutex<String>>) -> Self {
        Process(Arc::new(Mutex::new(spawn(command, log))))
    }

    fn replace(&self, command: &mut Command, log: &Arc<Mutex<String>>) {
        *self.child() = spawn(command, log);
    }

    /// `kill -9`, and waits until it is gone; nothing when it has ended.
    pub fn kill(&self) {
        let mut child = self.child();
        child.kill().expect("own child");
        child.wait().expect("own child");
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child().id()
    }

    fn terminate(&self) {
        let pid = self.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", r#"kill -TERM "$0""#, &pid])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -TERM {pid}"
        );
    }

    fn ended(&self) -> Option<ExitStatus> {
        self.child().try_wait().expect("own child")
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Child> {
        self.0.lock().expect("no holder panics")
    }
}

fn spawn(command: &mut Command, log: &Arc<Mutex<String>>) -> Child {
    let mut child = command.spawn().expect("the binary runs");
    collect(child.stdout.take().expect("piped"), log);
    collect(child.stderr.take().expect("piped"), log);
    child
}

/// Reads a pipe to its end on a thread, so that the server never waits for its log.
fn collect(pipe: impl Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut log = log.lock().expect("no holder panics");
            log.push_str(&line);
            log.push('\n');
        }
    });
}

/// A loopback address that nobody listens on.
///
/// Below the ports that outgoing connections take, so that none is taken between this look and
/// the server's, or while a killed server is away.
pub fn free_address() -> SocketAddr {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let own_start = u16::try_from(std::process::id() % 1000).expect("below 1000") * 10;
    loop {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + (own_start + tried) % 12_000));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::support::database::on_both;
    use crate::support::graphql::Client;
    use crate::support::proxy::{Fault, Proxy};

    const QUERY: &str = "{ __typename }";

    on_both! {
        async fn a_killed_server_comes_back(db: TestDatabase) {
            let mut server = Server::start(&db, &[]).await;
            let process = server.process();
            let proxy = Proxy::start(server.address(), move || process.kill()).await;
            let client = Client::new(&proxy.base_url());
            let answer = client.run(QUERY, json!({})).await;
            assert_eq!(answer.data("__typename"), "Query");

            proxy.set(Fault::KillAtFirstByte);
            assert!(client.try_run(QUERY, json!({})).await.is_err());
            proxy.set(Fault::None);
            assert!(client.try_run(QUERY, json!({})).await.is_err(), "it is dead");

            server.restart().await;
            let answer = client.lang("en").run(QUERY, json!({})).await;
            assert_eq!(answer.data("__typename"), "Query");
            let answer = client.token("garbage").run(QUERY, json!({})).await;
            assert_eq!(answer.error_codes(), ["UNAUTHENTICATED"]);

            let metrics = reqwest::get(format!("{}/metrics", server.admin_url())).await;
            assert_eq!(metrics.expect("an admin address").status(), 200);
            let status = server.stop().await;
            assert!(status.success(), "{status}:\n{}", server.log());
        }
    }
}
