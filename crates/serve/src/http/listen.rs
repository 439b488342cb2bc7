//! Connections: accepted, spoken to, and let finish when the service stops.

use crate::http::app::App;
use crate::http::patient_stream::PatientStream;
use crate::http::routes::router;
use crate::http::tls::Tls;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 16 << 10;

/// Pause after an accept that failed, as when the process has no file handles left.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until told to stop, then lets requests under way finish within the limit.
pub(crate) async fn listen(
    app: Arc<App>,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    mut stop: watch::Receiver<bool>,
) {
    let service = router(&app);
    let connections = Arc::new(Semaphore::new(app.gate.limits.connections));
    let graceful = GracefulShutdown::new();
    let mut failed_before = false;
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = connections.clone().acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (app, service, tls) = (app.clone(), service.clone(), tls.clone());
                let watcher = graceful.watcher();
                failed_before = false;
                tokio::spawn(async move {
                    connection(&app, stream, service, tls, watcher).await;
                    drop(place);
                });
            }
            Err(error) => {
                if !failed_before {
                    app.log.warn("accept_failed", json!({ "why": error.to_string() }));
                }
                failed_before = true;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    app.stopping.store(true, Relaxed);
    let drain = app.gate.limits.drain;
    app.log.info("stopping", json!({ "seconds": drain.as_secs_f64() }));
    let drained = tokio::time::timeout(drain, graceful.shutdown()).await.is_ok();
    app.log.info("stopped", json!({ "all_answered": drained }));
}

/// One connection, until either side ends it. What goes wrong with it is the peer's affair.
async fn connection(
    app: &App,
    stream: TcpStream,
    service: Router,
    tls: Option<Arc<Tls>>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let stream = PatientStream::new(stream, app.gate.limits.request);
    match tls {
        None => speak(app, stream, service, watcher).await,
        Some(tls) => {
            let handshake = tokio::time::timeout(app.gate.limits.head, tls.acceptor().accept(stream));
            if let Ok(Ok(stream)) = handshake.await {
                speak(app, stream, service, watcher).await;
            }
        }
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    app: &App,
    stream: S,
    service: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.gate.limits.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // The peer went away, sent no HTTP or was too slow: nothing is lost but its own request.
    let _ = watcher.watch(connection).await;
}
