//! One customer as a JSON object, read straight into the model's fields.

use crate::http::keys::{Key, Keys};
use crate::http::outcome::Cause;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// One value as a body gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot<'a> {
    /// The key is not there.
    Absent,
    /// `null`.
    Null,
    /// A string, unescaped; or a number, `true` or `false` as it was written, as in NDJSON files.
    Text(Cow<'a, str>),
    /// What no field can hold, and why.
    Bad(Cause),
}

impl<'a> Slot<'a> {
    /// The value of a JSON token.
    pub(crate) fn of(raw: &'a RawValue) -> Slot<'a> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'n') => Slot::Null,
            Some(b'{' | b'[') => Slot::Bad(Cause::Nested),
            Some(b'"') if !text.contains('\\') => Slot::Text(Cow::Borrowed(&text[1..text.len() - 1])),
            // A lone surrogate is the one escape that passed the reader before and is no text.
            Some(b'"') => {
                serde_json::from_str(text).map_or(Slot::Bad(Cause::NotText), |t| Slot::Text(Cow::Owned(t)))
            }
            _ => Slot::Text(Cow::Borrowed(text)),
        }
    }
}

/// What an object holds beside its fields.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    /// The model's id.
    pub(crate) id: Option<&'a RawValue>,
    /// An array under the key `rows`, where the model has no such field.
    pub(crate) rows: Option<&'a RawValue>,
}

/// Reads one object: each field of the model into its slot; keys of nobody are passed over.
///
/// # Errors
/// The text is not one JSON object.
pub(crate) fn read_object<'a>(
    text: &'a str,
    keys: &Keys,
    slots: &mut Vec<Slot<'a>>,
) -> Result<Beside<'a>, serde_json::Error> {
    slots.clear();
    slots.resize(keys.fields(), Slot::Absent);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let beside = Object { keys, slots }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(beside)
}

struct Object<'k, 's, 'a> {
    keys: &'k Keys,
    slots: &'s mut Vec<Slot<'a>>,
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = Beside<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = Beside<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with a key for each field")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut beside = Beside::default();
        let mut next = 0;
        while let Some(Name(name)) = map.next_key()? {
            match self.keys.find(name.trim(), next) {
                Key::Field(at) => {
                    next = at + 1;
                    let slot = Slot::of(map.next_value()?);
                    let first = self.slots[at] == Slot::Absent;
                    self.slots[at] = if first { slot } else { Slot::Bad(Cause::Twice) };
                }
                Key::Id => beside.id = Some(map.next_value()?),
                Key::Rows => {
                    let raw: &RawValue = map.next_value()?;
                    beside.rows = raw.get().starts_with('[').then_some(raw);
                }
                Key::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(beside)
    }
}

/// The name of a member.
#[derive(serde::Deserialize)]
pub(crate) struct Name<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);
