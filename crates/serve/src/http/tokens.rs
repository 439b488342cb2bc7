//! Who may call: bearer tokens, kept as hashes.
//!
//! A token is `arrears_` and 64 hex digits from the system's random source. A file of tokens has a line for each:
//! `<name> <role> <sha256 of the token, hex>`; blank lines and lines that begin with `#` are passed over. Role `score`
//! reaches scoring and what is said of models, `admin` everything.
//!
//! Plain SHA-256 is enough here: slow hashes protect passwords that people choose, which can be guessed from a list;
//! 256 random bits cannot, and a slow hash would cost every request more than scoring it.

use crate::error::ServeError;
use crate::http::fault::{Code, Fault};
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use subtle::ConstantTimeEq;

const PREFIX: &str = "arrears_";

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Score customers and read what the models are.
    Score,
    /// Everything, metrics too.
    Admin,
}

impl Role {
    /// The word in a file of tokens.
    pub fn word(self) -> &'static str {
        match self {
            Role::Score => "score",
            Role::Admin => "admin",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Role::Score, Role::Admin].into_iter().find(|role| role.word() == word)
    }
}

/// The known tokens.
#[derive(Debug)]
pub(crate) struct Tokens(Vec<Known>);

#[derive(Debug)]
struct Known {
    name: Arc<str>,
    role: Role,
    hash: [u8; 32],
}

/// A caller whose token is known: the name beside it.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) Arc<str>);

/// A new token, and the line that a file of tokens needs for it. The token itself is kept nowhere.
///
/// # Errors
/// The system gives no random bytes, or the name has other characters than letters, digits, `-`, `_` and `.`.
pub fn new_token(name: &str, role: Role) -> Result<(String, String), ServeError> {
    if !is_name(name) {
        let problem = format!("name {name:?}: expected letters, digits, - _ .");
        return Err(ServeError::Tokens { place: "--new-token".to_owned(), problem });
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|e| ServeError::Tokens {
        place: "--new-token".to_owned(),
        problem: format!("the system gives no random bytes: {e}"),
    })?;
    let token = format!("{PREFIX}{}", hex(&random));
    let line = format!("{name} {} {}", role.word(), hex(&hash(&token)));
    Ok((token, line))
}

impl Tokens {
    /// Reads a file and further lines; `None` where neither is given.
    ///
    /// # Errors
    /// The file cannot be read, a line has another form, a name comes twice, or there is no token.
    pub(crate) fn read(file: Option<&Path>, lines: Option<&str>) -> Result<Option<Self>, ServeError> {
        let mut known = Vec::new();
        if let Some(path) = file {
            let place = path.display().to_string();
            let text = fs::read_to_string(path)
                .map_err(|e| ServeError::Tokens { place: place.clone(), problem: e.to_string() })?;
            parse(&text, &place, &mut known)?;
        }
        if let Some(lines) = lines {
            parse(&lines.replace(';', "\n"), "ARREARS_TOKENS", &mut known)?;
        }
        if file.is_none() && lines.is_none() {
            return Ok(None);
        }
        if known.is_empty() {
            let place = file.map_or("ARREARS_TOKENS".to_owned(), |path| path.display().to_string());
            let problem = "it holds no token, so that nobody could call".to_owned();
            return Err(ServeError::Tokens { place, problem });
        }
        Ok(Some(Tokens(known)))
    }

    /// The caller of a request.
    ///
    /// # Errors
    /// There is no token, it is not known, or its role does not reach.
    pub(crate) fn caller(&self, headers: &HeaderMap, needed: Role) -> Result<Caller, Fault> {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = token else {
            return Err(Fault::new(Code::Unauthorized, "send a token: `Authorization: Bearer <token>`"));
        };
        let found = hash(token);
        // All are compared, each in constant time, so that the time tells nothing of which bytes agree.
        let mut known = None;
        for one in &self.0 {
            if bool::from(one.hash.ct_eq(&found)) {
                known = Some(one);
            }
        }
        match known {
            None => Err(Fault::new(Code::Unauthorized, "the token is not known here")),
            Some(known) if known.role < needed => {
                Err(Fault::new(Code::Forbidden, format!("this needs a token of role {}", needed.word())))
            }
            Some(known) => Ok(Caller(known.name.clone())),
        }
    }
}

fn parse(text: &str, place: &str, known: &mut Vec<Known>) -> Result<(), ServeError> {
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let failed = |problem: &str| {
            let problem = format!("line {}: {problem}", at + 1);
            Err(ServeError::Tokens { place: place.to_owned(), problem })
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, role, sha256] = words[..] else {
            return failed(
                "expected a name, a role and a SHA-256, as `arrears serve --new-token NAME` prints",
            );
        };
        let Some(role) = Role::of(role) else { return failed("expected the role score or admin") };
        let Some(hash) = unhex(sha256) else { return failed("expected a SHA-256 of 64 hex digits") };
        if !is_name(name) || known.iter().any(|other| *other.name == *name) {
            return failed("expected a name of letters, digits, - _ . that no other token has");
        }
        known.push(Known { name: name.into(), role, hash });
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}
