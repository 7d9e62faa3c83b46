//! A line between a client and the real binary that fails where a test wants it to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// How the line fails, from the moment it is set.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Everything passes.
    None,
    /// The request passes; the first byte of the answer kills the server and never arrives.
    KillAtFirstByte,
    /// The request passes and this many bytes of the answer, then the line is cut.
    CutAfter(usize),
    /// The line is cut before the server hears anything.
    CutBeforeForwarding,
}

/// A TCP proxy on a free port; it ends with the test's runtime.
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
}

struct Line {
    upstream: SocketAddr,
    kill: Box<dyn Fn() + Send + Sync>,
    fault: Mutex<Fault>,
    connections: AtomicUsize,
}

impl Proxy {
    /// Starts forwarding to a server that `kill` kills.
    pub async fn start(upstream: SocketAddr, kill: impl Fn() + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let line = Arc::new(Line {
            upstream,
            kill: Box::new(kill),
            fault: Mutex::new(Fault::None),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&line);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                let line = Arc::clone(&accepting);
                // A broken line is what the client is there to notice.
                tokio::spawn(async move { line.carry(client).await });
            }
        });
        Proxy { address, line }
    }

    /// `http://ADDRESS`, to be used instead of the server's.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets every connection, open or new, fail this way from now on.
    pub fn set(&self, fault: Fault) {
        *self.line.fault.lock().expect("no holder panics") = fault;
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.line.connections.load(Ordering::Relaxed)
    }
}

impl Line {
    async fn carry(&self, client: TcpStream) -> std::io::Result<()> {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = TcpStream::connect(self.upstream).await?.into_split();
        // Whichever direction ends first ends the line, as a broken one would.
        tokio::select! {
            ended = self.ask(from_client, to_server) => ended,
            ended = self.answer(from_server, to_client) => ended,
        }
    }

    async fn ask(
        &self,
        mut client: OwnedReadHalf,
        mut server: OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = client.read(&mut buffer).await?;
            if read == 0 || matches!(self.fault(), Fault::CutBeforeForwarding) {
                return Ok(());
            }
            server.write_all(&buffer[..read]).await?;
        }
    }

    async fn answer(
        &self,
        mut server: OwnedReadHalf,
        mut client: OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        let mut passed_before_cut = 0;
        loop {
            let read = server.read(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            match self.fault() {
                Fault::None | Fault::CutBeforeForwarding => {
                    client.write_all(&buffer[..read]).await?;
                }
                Fault::KillAtFirstByte => {
                    (self.kill)();
                    return Ok(());
                }
                Fault::CutAfter(bytes) => {
                    let passing = read.min(bytes - passed_before_cut);
                    client.write_all(&buffer[..passing]).await?;
                    passed_before_cut += passing;
                    if passed_before_cut == bytes {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn fault(&self) -> Fault {
        *self.fault.lock().expect("no holder panics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n{}";

    /// A server of one answer that counts what reaches it, behind a proxy that fails.
    struct Bench {
        proxy: Proxy,
        heard: Arc<AtomicUsize>,
        killed: Arc<AtomicUsize>,
    }

    impl Bench {
        async fn new(fault: Fault) -> Self {
            let listener = TcpListener::bind(("127.0.0.1", 0))
                .await
                .expect("a free port");
            let upstream = listener.local_addr().expect("bound");
            let (heard, killed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
            let counts = Arc::clone(&heard);
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let read = stream.read(&mut [0; 1024]).await.expect("a request");
                    counts.fetch_add(read, Ordering::Relaxed);
                    let _ = stream.write_all(ANSWER).await;
                }
            });
            let kills = Arc::clone(&killed);
            let kill = move || {
                kills.fetch_add(1, Ordering::Relaxed);
            };
            let proxy = Proxy::start(upstream, kill).await;
            proxy.set(fault);
            Bench {
                proxy,
                heard,
                killed,
            }
        }

        /// What one request gets back until the line ends.
        async fn ask(&self) -> Vec<u8> {
            let mut line = TcpStream::connect(self.proxy.address)
                .await
                .expect("listening");
            line.write_all(b"POST").await.expect("a line");
            let mut answer = Vec::new();
            let _ = line.read_to_end(&mut answer).await;
            answer
        }

        fn counts(&self) -> (usize, usize, usize) {
            let [heard, killed] = [&self.heard, &self.killed].map(|n| n.load(Ordering::Relaxed));
            (self.proxy.connections(), heard, killed)
        }
    }

    #[tokio::test]
    async fn a_sound_line_carries_everything() {
        let bench = Bench::new(Fault::None).await;
        assert_eq!(bench.ask().await, ANSWER);
        assert_eq!(bench.ask().await, ANSWER);
        assert_eq!(bench.counts(), (2, 8, 0));
    }

    #[tokio::test]
    async fn the_server_dies_after_the_request_and_before_the_answer() {
        let bench = Bench::new(Fault::KillAtFirstByte).await;
        assert_eq!(bench.ask().await, b"");
        assert_eq!(bench.counts(), (1, 4, 1));
    }

    #[tokio::test]
    async fn the_line_is_cut_inside_the_answer() {
        let bench = Bench::new(Fault::CutAfter(7)).await;
        assert_eq!(bench.ask().await, &ANSWER[..7]);
        assert_eq!(bench.counts(), (1, 4, 0));
        bench.proxy.set(Fault::None);
        assert_eq!(bench.ask().await, ANSWER);
    }

    #[tokio::test]
    async fn the_server_hears_nothing_over_a_dead_line() {
        let bench = Bench::new(Fault::CutBeforeForwarding).await;
        assert_eq!(bench.ask().await, b"");
        assert_eq!(bench.counts(), (1, 0, 0));
    }
}
