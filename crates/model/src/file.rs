//! The model file: JSON whose last line is the SHA-256 of everything before it.
//!
//! The format is described in `crates/model/docs/format.md`.

use crate::additive::Shape;
use crate::error::{ModelError, invalid};
use crate::model::{Model, ModelKind, Parts, Predictor};
use crate::special::Special;
use crate::transform::Transform;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// First key of every model file.
pub const FORMAT: &str = "arrears-model";
/// The newest version this program writes. It reads this and all before, and writes the lowest version that can
/// say what the model holds.
pub const FORMAT_VERSION: u64 = 4;

/// What stands between the body and its checksum.
const SEAL: &str = ",\n  \"sha256\": \"";

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    format_version: u64,
    model: &'a Parts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: serde::de::IgnoredAny,
    #[serde(rename = "format_version")]
    _format_version: serde::de::IgnoredAny,
    model: Parts,
    #[serde(rename = "sha256")]
    _sha256: serde::de::IgnoredAny,
}

/// Read before the rest, so that a newer format is named as such and not as a strange key.
#[derive(Deserialize)]
struct Header {
    format: String,
    format_version: u64,
}

impl Model {
    /// The file's bytes. Writing the same model gives the same bytes.
    ///
    /// # Errors
    /// None for a checked model; the type says so because JSON writing can fail in principle.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        seal(self).map(|(bytes, _)| bytes)
    }

    /// Reads a model file and checks everything: checksum, format, shape, bounds.
    ///
    /// # Errors
    /// [`ModelError`]; no bytes make it panic.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let body_end = checksum_position(bytes)?;
        let expected = &bytes[body_end + SEAL.len()..];
        let found = hex(&Sha256::digest(&bytes[..body_end]));
        if expected != format!("{found}\"\n}}\n").as_bytes() {
            let shown = expected.split(|b| *b == b'"').next().unwrap_or_default();
            let shown = String::from_utf8_lossy(&shown[..shown.len().min(64)]).into_owned();
            return Err(ModelError::Checksum { expected: shown, found });
        }
        let header: Header = serde_json::from_slice(bytes)?;
        if header.format != FORMAT || !(1..=FORMAT_VERSION).contains(&header.format_version) {
            let format = header.format.chars().take(60).collect();
            return Err(ModelError::Format { format, version: header.format_version });
        }
        let document: Document = serde_json::from_slice(bytes)?;
        if header.format_version < document.model.format_version() {
            return Err(invalid(match document.model.format_version() {
                2 => "pairs, special ranges, whole points and kind `scorecard_plus` need format version 2",
                3 => {
                    "logarithms, `novelty` and typical values of segments, a scorecard for each segment, and trees of \
                     amounts need format version 3"
                }
                _ => "kind `expert`, required fields, formulas and decisions need format version 4",
            }));
        }
        document.model.check()?;
        Ok(Self::from_checked(document.model, found))
    }
}

impl Parts {
    /// The lowest format version that can say what these parts hold.
    pub fn format_version(&self) -> u64 {
        if self.decisions.is_some()
            || self.kind == ModelKind::Expert
            || self.schema.fields.iter().any(|f| f.required || f.formula.is_some())
        {
            return 4;
        }
        let log = self.transforms.iter().any(|t| matches!(t, Transform::LogStandardise { .. }));
        let newer_predictor = match &self.predictor {
            Predictor::Centroids(c) => {
                !c.typical.is_empty() || c.segments.iter().any(|s| s.novelty.is_some())
            }
            Predictor::Segmented(_) | Predictor::AmountTree(_) => true,
            Predictor::Additive(_) | Predictor::Tree(_) => false,
        };
        if log || newer_predictor {
            return 3;
        }
        let range = |special: &Special| matches!(special, Special::Range(_));
        let ranges = self.schema.fields.iter().any(|f| f.special().iter().any(range));
        let pairs = match &self.predictor {
            Predictor::Additive(a) => a.terms.iter().any(|t| matches!(t.shape, Shape::Pair { .. })),
            _ => false,
        };
        let whole = self.scale.is_some_and(|scale| scale.whole_points);
        if ranges || pairs || whole || self.kind == ModelKind::ScorecardPlus { 2 } else { 1 }
    }
}

/// Puts a checksum line at the end of a body that has none, so that an edited or generated body can be
/// loaded. The body is the file without its last two lines.
pub fn seal_body(body: &[u8]) -> Vec<u8> {
    let sha256 = hex(&Sha256::digest(body));
    let mut bytes = body.to_vec();
    bytes.extend_from_slice(format!("{SEAL}{sha256}\"\n}}\n").as_bytes());
    bytes
}

/// The body of a model file: its bytes before the checksum line.
///
/// # Errors
/// [`ModelError::NoChecksum`] when there is no such line.
pub fn body(bytes: &[u8]) -> Result<&[u8], ModelError> {
    Ok(&bytes[..checksum_position(bytes)?])
}

/// The file's bytes and the checksum of its body.
pub(crate) fn seal(parts: &Parts) -> Result<(Vec<u8>, String), ModelError> {
    let written = Written { format: FORMAT, format_version: parts.format_version(), model: parts };
    let text = serde_json::to_string_pretty(&written)?;
    let body = text.strip_suffix("\n}").ok_or_else(|| invalid("the model wrote no JSON object"))?;
    let bytes = seal_body(body.as_bytes());
    let sha256 = hex(&Sha256::digest(body.as_bytes()));
    Ok((bytes, sha256))
}

fn checksum_position(bytes: &[u8]) -> Result<usize, ModelError> {
    let seal = SEAL.as_bytes();
    // The checksum line has a fixed length, so its place is known from the end.
    let tail = seal.len() + 64 + "\"\n}\n".len();
    match bytes.len().checked_sub(tail) {
        Some(at) if bytes[at..].starts_with(seal) => Ok(at),
        _ => Err(ModelError::NoChecksum),
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
