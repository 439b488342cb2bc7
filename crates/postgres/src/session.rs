//! A connection and what drives it.

use crate::address::{Address, SslMode};
use crate::error::PostgresError;
use crate::server_error;
use crate::tls;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Error, config};

/// An open connection. Dropped, it ends, and with it a transaction that is open.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) runtime: Runtime,
    pub(crate) ended: Ended,
}

/// Why the connection ended, once it has. What a server says of its own accord, as when it shuts down, is the answer to
/// no question.
#[derive(Clone, Default)]
pub(crate) struct Ended(Arc<OnceLock<String>>);

impl Ended {
    /// An error with all that the server says of it.
    pub(crate) fn text(&self, error: &Error) -> String {
        match self.0.get() {
            Some(why) if error.is_closed() => why.clone(),
            _ => server_error::text(error),
        }
    }
}

impl Session {
    pub(crate) fn open(address: &Address) -> Result<Session, PostgresError> {
        let failed = |problem: String| PostgresError::Connect { server: address.name(), problem };
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build();
        let runtime = runtime.map_err(|e| failed(e.to_string()))?;
        let connector = tls::connector(address)?;
        let ended = Ended::default();
        let end = ended.clone();
        let client = runtime.block_on(async {
            let (client, connection) = config_of(address).connect(connector).await?;
            tokio::spawn(async move {
                let mut connection = pin!(connection);
                if let Err(error) = connection.as_mut().await {
                    // Said before the connection is dropped, which is when its users hear of the end.
                    let _ = end.0.set(server_error::text(&error));
                }
            });
            Ok(client)
        });
        let client = client.map_err(|error: Error| {
            let text = server_error::text(&error);
            let hint = match text.contains("password missing") {
                true => "; give it in PGPASSWORD, or in ~/.pgpass, which only its owner may read",
                false => "",
            };
            failed(text + hint)
        })?;
        Ok(Session { client, runtime, ended })
    }
}

fn config_of(address: &Address) -> Config {
    let mut config = Config::new();
    match address.folder() {
        #[cfg(unix)]
        Some(folder) => config.host_path(folder),
        _ => config.host(&address.host),
    };
    config.port(address.port).application_name(&address.application);
    config.ssl_mode(match address.ssl_mode {
        SslMode::Disable => config::SslMode::Disable,
        SslMode::Prefer => config::SslMode::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => config::SslMode::Require,
    });
    address.user.as_ref().map(|user| config.user(user));
    address.password().map(|password| config.password(password));
    address.database.as_ref().map(|database| config.dbname(database));
    address.options.as_ref().map(|options| config.options(options));
    address.connect_timeout.map(|timeout| config.connect_timeout(timeout));
    config
}
