//! MLflow's `/invocations`: its four JSON bodies and CSV.

use crate::http::answer_json;
use crate::http::customers::{bad_json, id_of, objects, score_body, text_of};
use crate::http::fault::Fault;
use crate::http::json_list::list;
use crate::http::json_object::{Name, Slot};
use crate::http::keys::{Key, Keys};
use crate::http::media::BodyKind;
use crate::http::outcome::{Cause, Customer, RowFault};
use crate::http::python_json::strict;
use crate::http::scoring::{Bounds, ScoredRequest, Scoring};
use crate::http::served::Served;
use crate::http::words::Words;
use axum::body::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The keys of a body; one of the four holds the customers. `params` and others are passed over.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    dataframe_split: Option<&'a RawValue>,
    #[serde(borrow)]
    dataframe_records: Option<&'a RawValue>,
    #[serde(borrow)]
    instances: Option<&'a RawValue>,
    #[serde(borrow)]
    inputs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Split<'a> {
    #[serde(borrow)]
    columns: &'a RawValue,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Most columns of a `dataframe_split`, as of a file.
const MOST_COLUMNS: usize = 10_000;

const EXPECTED: &str = "expected one of dataframe_split, dataframe_records, instances and inputs, as MLflow's scoring server does";

/// Scores a body.
///
/// # Errors
/// The body has none of the four forms, or breaks a bound.
pub(crate) fn score_invocations(
    served: &Served,
    kind: BodyKind,
    body: &Bytes,
    bounds: Bounds,
) -> Result<ScoredRequest, Fault> {
    if kind != BodyKind::Json {
        return score_body(served, kind, body, bounds);
    }
    let text = strict(text_of(body)?);
    let envelope: Envelope<'_> = serde_json::from_str(&text).map_err(|e| bad_json(&e))?;
    let mut scoring = Scoring::new(served, bounds);
    let given = [envelope.dataframe_split, envelope.dataframe_records, envelope.instances, envelope.inputs];
    if given.iter().flatten().count() != 1 {
        return Err(Fault::body(EXPECTED));
    }
    match given {
        [Some(split), ..] => split_rows(served, split, &mut scoring)?,
        [_, Some(list), ..] | [_, _, Some(list), _] => list_rows(served, list, &mut scoring)?,
        [.., Some(inputs)] if inputs.get().starts_with('{') => columns(served, inputs, &mut scoring)?,
        [.., Some(inputs)] => list_rows(served, inputs, &mut scoring)?,
        [None, None, None, None] => {}
    }
    scoring.finish(false)
}

/// The answer, as MLflow's client expects it.
pub(crate) fn predictions(words: &Words, customers: &[Customer]) -> Vec<u8> {
    let mut out = Vec::from(*b"{\"predictions\":");
    answer_json::rows(&mut out, words, customers);
    out.push(b'}');
    out
}

/// A list of customers, each an object.
fn list_rows(served: &Served, customers: &RawValue, scoring: &mut Scoring<'_>) -> Result<(), Fault> {
    let rows = list(customers.get(), scoring.most_rows(), |_| {
        Fault::body("expected a list of customers, each an object with a key for each field")
    })?;
    objects(served, &rows, scoring)
}

/// Column names once, then an array a customer.
fn split_rows(served: &Served, split: &RawValue, scoring: &mut Scoring<'_>) -> Result<(), Fault> {
    let expected = || {
        Fault::body(
            "dataframe_split: expected columns, a list of at most 10000 names, and data, a list of lists",
        )
    };
    let split: Split<'_> = serde_json::from_str(split.get()).map_err(|_| expected())?;
    let data = list(split.data.get(), scoring.most_rows(), |_| expected())?;
    let names = list(split.columns.get(), MOST_COLUMNS, |_| expected()).map_err(|_| expected())?;
    let place = |name: &&RawValue| {
        let name: Cow<'_, str> = serde_json::from_str::<Name<'_>>(name.get()).map_err(|_| expected())?.0;
        Ok(served.keys.find(name.trim(), usize::MAX))
    };
    let places: Vec<Key> = names.iter().map(place).collect::<Result<_, Fault>>()?;
    scoring.columns((0..served.keys.fields()).map(|field| places.contains(&Key::Field(field))));
    let mut slots: Vec<Slot<'_>> = Vec::new();
    for row in data {
        let values = list(row.get(), places.len(), |_| expected()).unwrap_or_default();
        if values.len() != places.len() {
            let expected = "expected a list with a value for each column".into();
            scoring.fails(None, RowFault { expected, ..RowFault::of(Cause::Unreadable, None) })?;
            continue;
        }
        slots.clear();
        slots.resize(served.keys.fields(), Slot::Absent);
        let mut id = None;
        for (place, value) in places.iter().zip(values) {
            match place {
                Key::Field(at) => slots[*at] = Slot::of(value),
                Key::Id => id = id_of(Some(value)),
                Key::Rows | Key::Unknown => {}
            }
        }
        scoring.slots(id, &slots)?;
    }
    Ok(())
}

/// A key a column, each with a list of values.
fn columns(served: &Served, inputs: &RawValue, scoring: &mut Scoring<'_>) -> Result<(), Fault> {
    let expected =
        || Fault::body("inputs: expected a list of customers, or for each column a list of values");
    let known: Vec<(Key, &RawValue)> = {
        let mut deserializer = serde_json::Deserializer::from_str(inputs.get());
        Known(&served.keys).deserialize(&mut deserializer).map_err(|_| expected())?
    };
    let mut lists: Vec<(Key, Vec<&RawValue>)> = Vec::new();
    for (key, values) in known {
        if lists.iter().any(|(other, _)| *other == key) {
            return Err(Fault::body("inputs: a column is given twice"));
        }
        lists.push((key, list(values.get(), scoring.most_rows(), |_| expected())?));
    }
    scoring.keyed_columns(&lists)
}

/// The members of an object that are fields or the id. Of the others, of which there may be millions, nothing is kept.
struct Known<'k>(&'k Keys);

impl<'a> DeserializeSeed<'a> for Known<'_> {
    type Value = Vec<(Key, &'a RawValue)>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Known<'_> {
    type Value = Vec<(Key, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list for each column")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut known = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            match self.0.find(name.trim(), usize::MAX) {
                key @ (Key::Field(_) | Key::Id) if known.len() <= self.0.fields() + 1 => {
                    known.push((key, map.next_value()?));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(known)
    }
}
