//! The yardstick of the HTTP service: an axum route on one worker thread that parses JSON and sends it back.
//!
//! Usage: `http_echo ADDRESS`.

use axum::routing::post;
use axum::{Json, Router};
use std::process::ExitCode;

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let served = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(&address).await?;
            let echo = post(|Json(value): Json<serde_json::Value>| async move { Json(value) });
            let served =
                runtime.spawn(async move { axum::serve(listener, Router::new().route("/echo", echo)).await });
            served.await.map_err(std::io::Error::other)?
        })
    });
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
