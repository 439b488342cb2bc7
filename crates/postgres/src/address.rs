//! The address of a database: a URL, with libpq's environment variables and password file behind it.
//!
//! `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE`; every part may be left out. What is left out comes from `PGUSER`,
//! `PGPASSWORD`, `PGHOST`, `PGPORT`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGOPTIONS`, and the password from
//! `PGPASSFILE` or `~/.pgpass` too. Without a host it is the Unix socket in `/var/run/postgresql` or `/tmp`.
//! A part that holds `@ : / ? # %` is percent-encoded.

use crate::error::PostgresError;
use crate::password_file;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options of an address.
const OPTIONS: [&str; 10] = [
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "application_name",
    "options",
];

/// Where servers listen that are on this machine.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// How a connection is protected; see libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SslMode {
    /// Not at all.
    Disable,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted, by whomever.
    Require,
    /// Encrypted, by a server whose certificate comes from a known authority.
    VerifyCa,
    /// The same, and the certificate is of the host's name.
    VerifyFull,
}

/// The address of a database.
#[derive(Clone)]
pub struct Address {
    pub(crate) user: Option<String>,
    password: Option<String>,
    /// A name, a number or the folder of a Unix socket.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: Option<String>,
    pub(crate) ssl_mode: SslMode,
    pub(crate) roots: Option<PathBuf>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) application: String,
    pub(crate) options: Option<String>,
}

/// Whether a text is the address of a database rather than the name of a file.
pub fn is_address(text: &str) -> bool {
    without_scheme(text).is_some()
}

fn without_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))
}

impl Address {
    /// Reads a URL, the environment and the password file.
    ///
    /// # Errors
    /// [`PostgresError::Address`] when a part is none; the text does not repeat it, for it may hold the password.
    pub fn parse(url: &str) -> Result<Address, PostgresError> {
        Address::parse_with(url, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn parse_with(url: &str, env: impl Fn(&str) -> Option<String>) -> Result<Address, PostgresError> {
        let rest = without_scheme(url).ok_or_else(|| bad("it begins otherwise"))?;
        let mut parts = Parts::default();
        parts.read(rest)?;
        let mut take = |option: &str| parts.0.remove(option);
        let or = |part: Option<String>, name: &str| part.or_else(|| env(name));
        let host = or(take("host"), "PGHOST").unwrap_or_else(|| socket_folder().to_owned());
        let port = or(take("port"), "PGPORT").map_or(Ok(5432), |port| port.parse());
        let port = port.map_err(|_| bad("the port is no number up to 65535"))?;
        let user = or(take("user"), "PGUSER").or_else(|| env("USER")).or_else(|| env("LOGNAME"));
        let database = or(take("dbname"), "PGDATABASE").or_else(|| user.clone());
        let roots = or(take("sslrootcert"), "PGSSLROOTCERT").map(PathBuf::from);
        let roots = roots.or_else(|| {
            let usual = PathBuf::from(env("HOME")?).join(".postgresql/root.crt");
            usual.exists().then_some(usual)
        });
        let ssl_mode = ssl_mode(or(take("sslmode"), "PGSSLMODE").as_deref(), roots.is_some())?;
        let seconds = take("connect_timeout").map(|s| s.parse()).transpose();
        let seconds = seconds.map_err(|_| bad("connect_timeout is no number of seconds"))?;
        let given = or(take("password"), "PGPASSWORD");
        let file = || {
            let file = env("PGPASSFILE").map(PathBuf::from);
            let file = file.or_else(|| Some(PathBuf::from(env("HOME")?).join(".pgpass")))?;
            password_file::password(&file, &host, port, database.as_deref()?, user.as_deref()?)
        };
        let password = given.or_else(file);
        Ok(Address {
            password,
            port,
            database,
            ssl_mode: if is_folder(&host) { SslMode::Disable } else { ssl_mode },
            roots,
            connect_timeout: seconds.filter(|s| *s > 0).map(Duration::from_secs),
            application: take("application_name").unwrap_or_else(|| "arrears".to_owned()),
            options: or(take("options"), "PGOPTIONS"),
            host,
            user,
        })
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The folder of the Unix socket, where that is the host.
    pub(crate) fn folder(&self) -> Option<&Path> {
        is_folder(&self.host).then(|| Path::new(&self.host))
    }

    /// What messages call the server: `user@host:port/database`.
    pub fn name(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let database = self.database.as_deref().unwrap_or_default();
        match self.folder() {
            Some(folder) => format!("{user}{}/.s.PGSQL.{}/{database}", folder.display(), self.port),
            None => format!("{user}{}:{}/{database}", self.host, self.port),
        }
    }
}

/// A text without the password.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({})", self.name())
    }
}

/// What a URL says, by option.
#[derive(Default)]
struct Parts(std::collections::BTreeMap<&'static str, String>);

impl Parts {
    fn read(&mut self, rest: &str) -> Result<(), PostgresError> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        // The slash was one of the password.
        if database.contains(['/', '@']) {
            return Err(bad("there is a `/` or `@` too many; in a password they are written %2F and %40"));
        }
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        // Colons in brackets are those of an IPv6 number.
        let (host, port) = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
            Some((host, "")) => (host, ""),
            Some((host, port)) => {
                (host, port.strip_prefix(':').ok_or_else(|| bad("behind `]` comes no port"))?)
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        let named =
            [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", database)];
        named.into_iter().try_for_each(|(option, value)| self.add(option, value))?;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| bad("an option has no `=`"))?;
            let option = OPTIONS.into_iter().find(|option| *option == name);
            let unknown = || bad(&format!("an option is not one of {}", OPTIONS.join(", ")));
            self.add(option.ok_or_else(unknown)?, value)?;
        }
        Ok(())
    }

    fn add(&mut self, option: &'static str, value: &str) -> Result<(), PostgresError> {
        let value = percent_decode_str(value).decode_utf8().map_err(|_| bad("a part is no UTF-8"))?;
        if value.contains('\0') {
            return Err(bad("a part holds a NUL byte"));
        }
        if !value.is_empty() {
            self.0.insert(option, value.into_owned());
        }
        Ok(())
    }
}

/// As in libpq, `require` with certificates at hand means that they are looked at.
fn ssl_mode(word: Option<&str>, roots: bool) -> Result<SslMode, PostgresError> {
    Ok(match word {
        Some("disable") => SslMode::Disable,
        None | Some("prefer" | "allow") => SslMode::Prefer,
        Some("require") if !roots => SslMode::Require,
        Some("require" | "verify-ca") => SslMode::VerifyCa,
        Some("verify-full") => SslMode::VerifyFull,
        Some(_) => return Err(bad("sslmode is not one of disable, prefer, require, verify-ca, verify-full")),
    })
}

fn is_folder(host: &str) -> bool {
    host.starts_with('/')
}

fn socket_folder() -> &'static str {
    match cfg!(unix) {
        true => SOCKETS.into_iter().find(|folder| Path::new(folder).is_dir()).unwrap_or(SOCKETS[1]),
        false => "localhost",
    }
}

fn bad(problem: &str) -> PostgresError {
    PostgresError::Address { problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Address, SslMode};
    use std::time::Duration;

    fn parse(url: &str) -> Address {
        Address::parse_with(url, |_| None).unwrap()
    }

    #[test]
    fn all_parts() {
        let a = parse(
            "postgresql://an%40na:p%2F@s:%25s@db.example:6543/risk%20db?sslmode=verify-full&sslrootcert=/a/ca.crt&connect_timeout=7&application_name=night&options=-c%20lock_timeout%3D5s",
        );
        assert_eq!(a.name(), "an@na@db.example:6543/risk db");
        assert_eq!(a.password(), Some("p/@s:%s"));
        assert_eq!((a.ssl_mode, a.connect_timeout), (SslMode::VerifyFull, Some(Duration::from_secs(7))));
        assert_eq!(a.roots.as_deref(), Some("/a/ca.crt".as_ref()));
        assert_eq!((a.application.as_str(), a.options.as_deref()), ("night", Some("-c lock_timeout=5s")));
        let a = parse("postgres://[::1]:1/x");
        assert_eq!((a.host.as_str(), a.port), ("::1", 1));
        let a = parse("postgres:///x?host=/run/pg&user=u");
        assert_eq!(a.name(), "u@/run/pg/.s.PGSQL.5432/x");
    }

    #[test]
    fn the_environment_stands_behind_the_url() {
        let env = |name: &str| {
            let values =
                [("PGHOST", "h"), ("PGPORT", "1"), ("PGUSER", "u"), ("PGPASSWORD", "w"), ("USER", "x")];
            values.iter().find(|v| v.0 == name).map(|v| v.1.to_owned())
        };
        let a = Address::parse_with("postgres://", env).unwrap();
        assert_eq!((a.name().as_str(), a.password()), ("u@h:1/u", Some("w")));
        let a = Address::parse_with("postgres://v:z@i:2/d", env).unwrap();
        assert_eq!((a.name().as_str(), a.password()), ("v@i:2/d", Some("z")));
    }

    #[test]
    fn ssl_modes() {
        let mode = |tail: &str| parse(&format!("postgres://h/d?{tail}")).ssl_mode;
        assert_eq!(mode(""), SslMode::Prefer);
        assert_eq!(mode("sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("sslmode=require"), SslMode::Require);
        assert_eq!(mode("sslmode=require&sslrootcert=x"), SslMode::VerifyCa);
        assert_eq!(mode("sslmode=verify-ca"), SslMode::VerifyCa);
        // As in libpq, a Unix socket is not encrypted.
        assert_eq!(parse("postgres:///d?host=/tmp&sslmode=require").ssl_mode, SslMode::Disable);
    }

    /// Whatever is wrong, nothing of the URL is repeated: a mistyped one may hold the password anywhere.
    #[test]
    fn what_is_wrong_is_said_without_the_url() {
        let urls = [
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2/x@h/d",
            "postgres://u:hunter2?@h/d",
            "postgres://u:hunter2",
            "postgres://u@h:hunter2/d",
            "postgres://u@h/d?hunter2=1",
            "postgres://u@h/d?hunter2",
            "postgres://u@h/d?sslmode=hunter2",
            "postgres://u@h/d?connect_timeout=hunter2",
            "postgres://[::1]hunter2/d",
            "postgres://u:hunter2%00@h/d",
            "postgres://u:hunter2%ff@h/d",
        ];
        for url in urls {
            let error = Address::parse_with(url, |_| None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}: {error}");
        }
        assert!(!format!("{:?}", parse("postgres://u:hunter2@h/d")).contains("hunter2"));
    }
}
