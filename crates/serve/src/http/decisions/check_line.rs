//! One line of a log: whether it is whole, and whether its body still gives what it says.

use crate::http::answer_json;
use crate::http::decisions::chain::{Links, links};
use crate::http::decisions::known_models::KnownModels;
use crate::http::decisions::record::Recorded;
use crate::http::decisions::segment::Head;
use crate::http::score_form::score_form;
use crate::http::scoring::Bounds;
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::{Duration, Instant};

/// Time for one body; it was scored in time before.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Differences of one line that are put in words.
const MOST_WORDS: usize = 3;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// What a line is.
pub(crate) struct Checked {
    /// `None` where it is not as it was written.
    pub(crate) whole: Option<(Links, Head)>,
    /// `None` of a header, and of a line that is not whole.
    pub(crate) decision: Option<Decided>,
}

/// A decision made again.
#[derive(Default)]
pub(crate) struct Decided {
    /// When it was made, where the line says so.
    pub(crate) time: String,
    /// Customers of the line.
    pub(crate) customers: u64,
    /// Those whose results are the same.
    pub(crate) equal: u64,
    /// Those whose results differ, or who are only in the line or only in its body.
    pub(crate) different: u64,
    /// The first of them: position in the body, from 1, and what differs.
    pub(crate) differences: Vec<(usize, String)>,
    /// Why it cannot be made again.
    pub(crate) unreadable: Option<String>,
}

/// Checks a line without its newline.
pub(crate) fn check_line(line: &[u8], models: &KnownModels) -> Checked {
    let whole = links(line).and_then(|links| Some((links, Head::of(line)?)));
    let decision = match whole {
        Some((_, Head::Decision { .. })) => Some(decide_again(line, models)),
        _ => None,
    };
    Checked { whole, decision }
}

fn decide_again(line: &[u8], models: &KnownModels) -> Decided {
    let mut decided = Decided::default();
    match Recorded::of(line) {
        None => decided.unreadable = Some("it is not a decision that this version reads".to_owned()),
        Some(recorded) => {
            decided.time = recorded.time.to_string();
            if let Err(why) = compare(&recorded, models, &mut decided) {
                decided.unreadable = Some(why);
            }
        }
    }
    decided
}

/// Scores the body of a line again and compares byte by byte what is said of the customers: numbers stand there in the shortest
/// form that reads back to the same bits, so equal bytes are equal bits.
fn compare(recorded: &Recorded<'_>, models: &KnownModels, decided: &mut Decided) -> Result<(), String> {
    let unknown = || "its form is not one that this version reads".to_owned();
    let (form, body) = (recorded.form().ok_or_else(unknown)?, recorded.body().ok_or_else(unknown)?);
    let absent_is_missing = recorded.absent_is_missing().ok_or_else(unknown)?;
    let served = models.find(&recorded.model.sha256)?;
    let model = &served.model;
    if model.name != recorded.model.name || model.version != recorded.model.version {
        return Err(format!("its model calls itself {} today", served.full_name()));
    }
    let overriding = recorded.overriding(model)?;
    let deadline = Instant::now() + PATIENCE;
    let bounds = Bounds { rows: usize::MAX, deadline, absent_is_missing, overriding };
    let said = recorded.customers;
    let again = match score_form(&served, form, &body, bounds) {
        Ok(request) => {
            let mut again = Vec::with_capacity(said.get().len());
            answer_json::rows(&mut again, &served.words, &request.customers);
            if again == said.get().as_bytes() {
                decided.customers = request.customers.len() as u64;
                decided.equal = decided.customers;
                return Ok(());
            }
            again
        }
        Err(fault) => {
            let before: Vec<&RawValue> = serde_json::from_str(said.get()).map_err(|_| unknown())?;
            decided.customers = before.len() as u64;
            decided.different = decided.customers.max(1);
            decided.differences.push((1, format!("the body is refused: {}", fault.message)));
            return Ok(());
        }
    };
    let before: Vec<&RawValue> = serde_json::from_str(said.get()).map_err(|_| unknown())?;
    let after: Vec<&RawValue> = serde_json::from_slice(&again).map_err(|_| unknown())?;
    decided.customers = before.len() as u64;
    for at in 0..before.len().max(after.len()) {
        let (was, is) = (before.get(at).map(|r| r.get()), after.get(at).map(|r| r.get()));
        if was == is {
            decided.equal += 1;
        } else {
            decided.different += 1;
            if decided.differences.len() < MOST_WORDS {
                decided.differences.push((at + 1, difference(was, is)));
            }
        }
    }
    Ok(())
}

/// The first member in which two results differ.
fn difference(was: Option<&str>, is: Option<&str>) -> String {
    let object = |text: Option<&str>| serde_json::from_str::<Value>(text?).ok();
    let (was, is) = match (object(was), object(is)) {
        (Some(Value::Object(was)), Some(Value::Object(is))) => (was, is),
        (None, _) => return "the log says nothing of this customer".to_owned(),
        (_, None) => return "this customer is not in the body".to_owned(),
        _ => return "the log says nothing that can be compared".to_owned(),
    };
    // Ids belong to customers, so they are not shown.
    let order = ["pd", "score", "grade", "limit", "tier", "strategy", "amount", "segment", "error"];
    let keys =
        order.into_iter().chain(was.keys().chain(is.keys()).map(String::as_str)).filter(|key| *key != "id");
    let Some(key) = keys.into_iter().find(|key| was.get(*key) != is.get(*key)) else {
        return "the id, or the order of members, differs".to_owned();
    };
    let text = |value: Option<&Value>| {
        let text = value.map_or("nothing".to_owned(), Value::to_string);
        text.chars().take(SHOWN).collect::<String>()
    };
    format!("`{key}` is {} and was {}", text(is.get(key)), text(was.get(key)))
}
