//! Answers as JSON, written straight into bytes.

use crate::http::outcome::{Customer, Outcome, RowFault};
use crate::http::overriding::Overridden;
use crate::http::words::{Words, quoted};
use arrears_model::Scored;

/// What is said of a field whose key was not there.
pub(crate) const ABSENT: &str = "absent, read as missing";

/// The answer for one customer: what the model says, and which model says it.
pub(crate) fn one(words: &Words, customer: &Customer) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 << 10);
    row(&mut out, words, customer);
    out.pop();
    out.extend_from_slice(b",\"model\":");
    out.extend_from_slice(words.model.as_bytes());
    out.push(b'}');
    out
}

/// The answer for many: the model once, then the customers in their order.
pub(crate) fn many(words: &Words, customers: &[Customer]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 * (customers.len() + 1));
    let scored = customers.iter().filter(|c| c.outcome.scored().is_some()).count();
    out.extend_from_slice(b"{\"model\":");
    out.extend_from_slice(words.model.as_bytes());
    out.extend_from_slice(b",\"scored\":");
    out.extend_from_slice(scored.to_string().as_bytes());
    out.extend_from_slice(b",\"rejected\":");
    out.extend_from_slice((customers.len() - scored).to_string().as_bytes());
    out.extend_from_slice(b",\"rows\":");
    rows(&mut out, words, customers);
    out.push(b'}');
    out
}

/// The customers as a JSON array.
pub(crate) fn rows(out: &mut Vec<u8>, words: &Words, customers: &[Customer]) {
    out.push(b'[');
    for (at, customer) in customers.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        row(out, words, customer);
    }
    out.push(b']');
}

fn row(out: &mut Vec<u8>, words: &Words, customer: &Customer) {
    let mut object = Members { out, first: true };
    if let Some(id) = &customer.id {
        object.member("id", id.as_bytes());
    }
    match &customer.outcome {
        Outcome::Scored { scored, absent, overridden } => {
            verdict(&mut object, words, scored);
            if let Some(overridden) = overridden {
                before(&mut object, words, overridden);
            }
            flags(&mut object, words, scored, absent);
        }
        Outcome::Failed(fault) => object.member("error", error(fault).as_bytes()),
    }
    object.end();
}

fn verdict(object: &mut Members<'_>, words: &Words, scored: &Scored) {
    if words.gives_amount {
        object.number("amount", scored.amount);
        return leaf_and_reasons(object, words, scored);
    }
    if !words.gives_pd {
        object.member("segment", text_at(&words.segments, scored.segment));
        object.number("distance", scored.distance);
        object.number("margin", scored.margin);
        let novel: &[u8] = match scored.novel {
            None => b"null",
            Some(true) => b"true",
            Some(false) => b"false",
        };
        return object.member("novel", novel);
    }
    object.number("pd", scored.pd);
    object.number("score", scored.score);
    object.member("grade", text_at(&words.grades, scored.grade));
    if !words.segments.is_empty() {
        object.member("segment", text_at(&words.segments, scored.segment));
    }
    if words.gives_limit {
        object.number("limit", scored.decided.limit);
    }
    if let Some((tier, strategy)) = scored.decided.tier.and_then(|tier| words.tiers.get(tier)) {
        object.member("tier", tier.as_bytes());
        object.member("strategy", strategy.as_bytes());
    }
    leaf_and_reasons(object, words, scored);
}

/// What the model says where people said something else, and who did.
fn before(object: &mut Members<'_>, words: &Words, overridden: &Overridden) {
    object.member("model_grade", text_at(&words.grades, overridden.grade));
    if words.gives_limit {
        object.number("model_limit", overridden.limit);
    }
    object.member("override", quoted(&overridden.by.why).as_bytes());
}

fn leaf_and_reasons(object: &mut Members<'_>, words: &Words, scored: &Scored) {
    if let Some(leaf) = scored.leaf.and_then(|node| words.leaves.get(node)) {
        object.member("leaf", leaf.to_string().as_bytes());
    }
    object.member("reasons", b"[");
    for (at, reason) in scored.reasons.iter().enumerate() {
        if at > 0 {
            object.out.push(b',');
        }
        object.out.extend_from_slice(words.reasons[reason.field].as_bytes());
        float(object.out, reason.loss);
        object.out.push(b'}');
    }
    object.out.push(b']');
}

fn flags(object: &mut Members<'_>, words: &Words, scored: &Scored, absent: &[usize]) {
    object.member("flags", b"[");
    let start = object.out.len();
    let flags = scored.flags.iter().map(|flag| (flag.field, quoted(&flag.kind.to_string())));
    for (field, what) in flags.chain(absent.iter().map(|field| (*field, quoted(ABSENT)))) {
        if object.out.len() > start {
            object.out.push(b',');
        }
        object.out.extend_from_slice(words.flags[field].as_bytes());
        object.out.extend_from_slice(what.as_bytes());
        object.out.push(b'}');
    }
    object.out.push(b']');
}

fn error(fault: &RowFault) -> String {
    let field = fault.field.as_ref().map(|field| format!("\"field\":{},", quoted(field))).unwrap_or_default();
    format!("{{{field}\"cause\":\"{}\",\"expected\":{}}}", fault.cause.word(), quoted(&fault.expected))
}

fn text_at(texts: &[String], at: Option<usize>) -> &[u8] {
    at.and_then(|at| texts.get(at)).map_or(b"null", |text| text.as_bytes())
}

/// A number in the shortest form that reads back to the same bits.
fn float(out: &mut Vec<u8>, x: f64) {
    // Writing to a Vec does not fail.
    let _ = serde_json::to_writer(out, &x);
}

/// The members of an object that is being written.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl Members<'_> {
    fn key(&mut self, name: &str) {
        self.out.extend_from_slice(if self.first { b"{\"" } else { b",\"" });
        self.first = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn member(&mut self, name: &str, json: &[u8]) {
        self.key(name);
        self.out.extend_from_slice(json);
    }

    fn number(&mut self, name: &str, x: Option<f64>) {
        self.key(name);
        match x {
            Some(x) => float(self.out, x),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn end(self) {
        self.out.push(b'}');
    }
}
