//! The service as a whole: started, told to look at its files or to stop, waited for.

use crate::error::ServeError;
use crate::http::app::App;
use crate::http::decisions::DecisionLog;
use crate::http::listen::listen;
use crate::http::log::Log;
use crate::http::options::HttpOptions;
use crate::http::tls::Tls;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Time between two looks at the model files.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A running service. Dropping it ends it at once; [`Service::stop`] lets requests finish.
pub struct Service {
    runtime: Runtime,
    app: Arc<App>,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

impl Service {
    /// Loads the models and begins to listen.
    ///
    /// # Errors
    /// Models, tokens, keys or certificates cannot be read, or the address cannot be listened on.
    pub fn start(options: &HttpOptions, log: Log) -> Result<Self, ServeError> {
        let app = Arc::new(App::open(options, log)?);
        let tls = options.tls.clone().map(Tls::open).transpose()?.map(Arc::new);
        let runtime = Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .max_blocking_threads(options.limits.batches + 4)
            .enable_all()
            .build()
            .map_err(|source| ServeError::Start { what: "its threads", source })?;
        let address = options.listen;
        let failed = |source| ServeError::Listen { address, source };
        let listener = runtime.block_on(TcpListener::bind(address)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        if app.tokens.is_none() && !address.ip().is_loopback() {
            app.log
                .warn("open", json!({ "why": "no tokens are set: whoever reaches this address may score" }));
        }
        let listening = runtime.spawn(listen(app.clone(), listener, tls.clone(), stopped));
        runtime.spawn(look_at_files(app.clone()));
        Ok(Service { runtime, app, address, tls, stop, listening })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loads all models, and the certificate, anew. What cannot be loaded is logged, and what was there before stays
    /// in service.
    pub fn reload(&self) {
        reload(&self.app, self.tls.as_deref());
    }

    /// Takes no new connections, lets requests under way finish within the drain limit, and ends.
    pub fn stop(self) {
        self.stop.send_replace(true);
        self.end();
    }

    /// Logs where it listens, and serves until the process gets SIGTERM or SIGINT, then stops as [`Service::stop`]; SIGHUP reloads.
    ///
    /// # Errors
    /// The system lets no signals be heard.
    pub fn run(self) -> Result<(), ServeError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        // Who reads this line may send a signal.
        let ready = || {
            self.app.log.info("listening", json!({ "address": format!("{scheme}://{}", self.address) }));
        };
        let heard = self.runtime.block_on(hear_signals(&self.app, self.tls.as_deref(), ready));
        heard.map_err(|source| ServeError::Start { what: "signals", source })?;
        self.stop();
        Ok(())
    }

    fn end(self) {
        // The task does not panic; were it to, there would be nothing to wait for.
        let _ = self.runtime.block_on(self.listening);
        self.app.decisions.iter().for_each(DecisionLog::close);
        // A batch that runs beyond the limit must not keep the process alive.
        self.runtime.shutdown_background();
    }
}

/// Loads what changed, each second. Loading runs beside the threads that answer.
async fn look_at_files(app: Arc<App>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let app = app.clone();
        let _ = tokio::task::spawn_blocking(move || app.reload(false)).await;
    }
}

fn reload(app: &App, tls: Option<&Tls>) {
    app.reload(true);
    if let Some(Err(error)) = tls.map(Tls::reload) {
        app.log.warn("certificate_not_loaded", json!({ "why": error.to_string() }));
    }
}

#[cfg(unix)]
async fn hear_signals(app: &App, tls: Option<&Tls>, ready: impl FnOnce()) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    ready();
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hang_up.recv() => reload(app, tls),
        }
    }
}

#[cfg(not(unix))]
async fn hear_signals(_app: &App, _tls: Option<&Tls>, ready: impl FnOnce()) -> std::io::Result<()> {
    ready();
    tokio::signal::ctrl_c().await
}
