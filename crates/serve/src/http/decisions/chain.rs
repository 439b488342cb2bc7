//! Lines that carry each other's hash.
//!
//! A line is a JSON object that ends with `,"prev":"<64 hex digits>","hash":"<64 hex digits>"}` and a newline. `hash` is the
//! SHA-256 of the line's bytes before `,"hash":`, so it covers `prev`, which is the `hash` of the line before. Who changes,
//! removes, adds or moves a line has to write all later ones anew.

use sha2::{Digest, Sha256};
use std::fmt;

const PREV: &[u8] = b",\"prev\":\"";
const HASH: &[u8] = b",\"hash\":\"";
const DIGITS: usize = 64;

/// A SHA-256 as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash([u8; DIGITS]);

impl Hash {
    /// What stands for the hash before the first line.
    pub(crate) const FIRST: Hash = Hash([b'0'; DIGITS]);

    fn of(bytes: &[u8]) -> Hash {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; DIGITS];
        for (two, byte) in digits.chunks_exact_mut(2).zip(Sha256::digest(bytes).iter()) {
            two[0] = HEX[usize::from(byte >> 4)];
            two[1] = HEX[usize::from(byte & 15)];
        }
        Hash(digits)
    }

    /// The digits between `key` and `close`, where `text` is just that.
    fn between(text: &[u8], key: &[u8], close: &[u8]) -> Option<Hash> {
        text.strip_prefix(key)?.strip_suffix(close)?.try_into().ok().map(Hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The digits are ASCII, or bytes of a line that is not.
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The hashes of a whole line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) prev: Hash,
    pub(crate) hash: Hash,
}

/// Ends the line that begins at `start` as an object without its closing brace, and gives its hash.
pub(crate) fn seal(out: &mut Vec<u8>, start: usize, prev: &Hash) -> Hash {
    out.extend_from_slice(PREV);
    out.extend_from_slice(&prev.0);
    out.push(b'"');
    let hash = Hash::of(&out[start..]);
    out.extend_from_slice(HASH);
    out.extend_from_slice(&hash.0);
    out.extend_from_slice(b"\"}\n");
    hash
}

/// The hashes of a line without its newline; `None` where it is not as it was sealed.
pub(crate) fn links(line: &[u8]) -> Option<Links> {
    let (sealed, tail) = line.split_at(line.len().checked_sub(HASH.len() + DIGITS + 2)?);
    let hash = Hash::between(tail, HASH, b"\"}")?;
    let before = sealed.len().checked_sub(PREV.len() + DIGITS + 1)?;
    let prev = Hash::between(&sealed[before..], PREV, b"\"")?;
    (Hash::of(sealed) == hash).then_some(Links { prev, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_sha256sum() {
        // printf '{"a":1,"prev":"0...0"' | sha256sum, with 64 zeros
        let mut line = b"{\"a\":1".to_vec();
        let hash = seal(&mut line, 0, &Hash::FIRST);
        assert_eq!(hash.to_string(), "f21d1189a5c8dd8d802546fd447330e4b053af3f65f8e5565782be4548b34878");
        assert!(
            line.ends_with(format!(",\"prev\":\"{}\",\"hash\":\"{hash}\"}}\n", "0".repeat(64)).as_bytes())
        );
        line.pop();
        assert_eq!(links(&line), Some(Links { prev: Hash::FIRST, hash }));
    }

    #[test]
    fn any_changed_or_lost_byte_is_seen() {
        let mut line = b"{\"a\":1".to_vec();
        seal(&mut line, 0, &Hash::FIRST);
        line.pop();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[at] ^= 1 << bit;
                assert_eq!(links(&changed), None, "byte {at}");
            }
            assert_eq!(links(&line[..at]), None);
            assert_eq!(links(&line[at + 1..]), None);
        }
    }
}
