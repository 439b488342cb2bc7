//! A JSON array as its elements' texts, no more of them than may be.

use crate::http::fault::{Code, Fault};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The elements of an array. A short body can hold very many, so the reader stops at the first too much.
///
/// # Errors
/// The text is no array, which `otherwise` puts in words, or it has more than `most` elements.
pub(crate) fn list(
    text: &str,
    most: usize,
    otherwise: impl FnOnce(&serde_json::Error) -> Fault,
) -> Result<Vec<&RawValue>, Fault> {
    let mut too_many = false;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let elements = Elements { most, too_many: &mut too_many }.deserialize(&mut deserializer);
    match elements.and_then(|elements| deserializer.end().map(|()| elements)) {
        Ok(elements) => Ok(elements),
        Err(_) if too_many => Err(Fault::new(
            Code::TooManyRows,
            format!("the body has more than {most} customers; send them in several requests"),
        )),
        Err(error) => Err(otherwise(&error)),
    }
}

struct Elements<'m> {
    most: usize,
    too_many: &'m mut bool,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = elements.next_element()? {
            if all.len() == self.most {
                *self.too_many = true;
                return Err(A::Error::custom("too many elements"));
            }
            all.push(element);
        }
        Ok(all)
    }
}
