//! One line a request, where it is asked for: what was answered, not to whom.
//!
//! An id is logged as HMAC-SHA-256 (RFC 2104) under a key from a file: the holder of the key can find the requests of a
//! customer, nobody can read the customer off the log.

use crate::error::ServeError;
use crate::http::scoring::ScoredRequest;
use crate::http::tokens::hex;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Ids of a request that are logged; of a batch the first.
const MOST_IDS: usize = 10;

/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;

/// How requests are logged.
pub(crate) struct AccessLog {
    key: Option<Vec<u8>>,
}

/// What a scored answer tells the log, in the response's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) model: String,
    pub(crate) rows: usize,
    pub(crate) ids: Vec<String>,
}

impl AccessLog {
    /// # Errors
    /// The key cannot be read, or has fewer than 16 bytes.
    pub(crate) fn new(key: Option<&Path>) -> Result<Self, ServeError> {
        let key = key.map(|path| {
            let failed = |problem: String| ServeError::Key { file: path.display().to_string(), problem };
            let key = fs::read(path).map_err(|e| failed(e.to_string()))?;
            if key.len() < 16 {
                return Err(failed("expected at least 16 random bytes".to_owned()));
            }
            Ok(key)
        });
        Ok(AccessLog { key: key.transpose()? })
    }

    pub(crate) fn told(&self, model: String, request: &ScoredRequest) -> Told {
        let ids = request.customers.iter().filter_map(|customer| customer.id.as_deref());
        let hashed = |key: &Vec<u8>| ids.take(MOST_IDS).map(|id| hex(&hmac(key, id.as_bytes()))).collect();
        Told { model, rows: request.customers.len(), ids: self.key.as_ref().map(hashed).unwrap_or_default() }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{hex, hmac};

    #[test]
    fn the_test_cases_of_rfc_4231() {
        let known = [
            (
                vec![0x0b; 20],
                b"Hi There".to_vec(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?".to_vec(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in known {
            assert_eq!(hex(&hmac(&key, &message)), expected);
        }
    }
}
