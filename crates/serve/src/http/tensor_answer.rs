//! The answer of `infer`: a tensor for each thing a model says.

use crate::http::answer_json::ABSENT;
use crate::http::fault::Fault;
use crate::http::outcome::{Customer, Outcome};
use crate::http::served::Served;
use crate::http::tensors::{infer_request, parts};
use arrears_model::Scored;
use arrears_model::score::MAX_REASONS;
use axum::body::Bytes;
use serde_json::{Value, json};

/// A column of the answer. Of customers that were not scored, numbers are null and texts empty.
pub(crate) enum Column {
    Numbers(Vec<Option<f64>>),
    Integers(Vec<Option<i64>>),
    Texts(Vec<String>),
}

impl Column {
    pub(crate) fn datatype(&self) -> &'static str {
        match self {
            Column::Numbers(_) => "FP64",
            Column::Integers(_) => "INT64",
            Column::Texts(_) => "BYTES",
        }
    }

    fn data(&self) -> Value {
        match self {
            Column::Numbers(values) => json!(values),
            Column::Integers(values) => json!(values),
            Column::Texts(values) => json!(values),
        }
    }
}

/// The answer: all outputs, or those the request wants, in the shape of its inputs.
///
/// # Errors
/// It wants an output that there is not.
pub(crate) fn tensors_answer(
    served: &Served,
    head: Option<usize>,
    body: &Bytes,
    customers: &[Customer],
) -> Result<Vec<u8>, Fault> {
    let (json_part, _) = parts(head, body)?;
    let request = infer_request(&json_part)?;
    let upright = request.inputs.iter().all(|input| input.shape.len() == 2) && !request.inputs.is_empty();
    let shape = if upright { json!([customers.len(), 1]) } else { json!([customers.len()]) };
    let as_table = request.parameters.content_type.is_some();
    let mut columns = tensors_of(served, customers);
    if let Some(wanted) = request.outputs.as_ref().filter(|wanted| !wanted.is_empty()) {
        let known = |name: &str| columns.iter().any(|(column, _)| column == name);
        if let Some(other) = wanted.iter().find(|wanted| !known(&wanted.name)) {
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("there is no output `{}`; there are {}", other.name, names.join(", "));
            return Err(Fault::body(message));
        }
        columns.retain(|(name, _)| wanted.iter().any(|wanted| wanted.name == name.as_str()));
    }
    let outputs = columns.iter().map(|(name, column)| {
        let mut output =
            json!({ "name": name, "shape": shape, "datatype": column.datatype(), "data": column.data() });
        if as_table && matches!(column, Column::Texts(_)) {
            output["parameters"] = json!({ "content_type": "str" });
        }
        output
    });
    let mut answer = json!({
        "model_name": served.model.name,
        "model_version": served.model.version,
        "outputs": outputs.collect::<Vec<_>>(),
    });
    if let Some(id) = request.id {
        answer["id"] = json!(id);
    }
    if as_table {
        answer["parameters"] = json!({ "content_type": "pd" });
    }
    Ok(answer.to_string().into_bytes())
}

/// The outputs of a model, by name.
pub(crate) fn tensors_of(served: &Served, customers: &[Customer]) -> Vec<(String, Column)> {
    let model = &served.model;
    let scored = || customers.iter().map(|customer| customer.outcome.scored());
    let number = |of: fn(&Scored) -> Option<f64>| Column::Numbers(scored().map(|s| s.and_then(of)).collect());
    let text = |of: &dyn Fn(&Scored) -> Option<String>| {
        Column::Texts(scored().map(|s| s.and_then(of).unwrap_or_default()).collect())
    };
    let segment = || text(&|s| Some(model.segment_name(s.segment?)?.to_owned()));
    let mut columns: Vec<(String, Column)> = Vec::new();
    let mut add = |name: &str, column: Column| columns.push((name.to_owned(), column));
    if model.gives_pd() {
        add("pd", number(|s| s.pd));
        add("score", number(|s| s.score));
        add("grade", text(&|s| Some(model.grades[s.grade?].name.clone())));
        if model.segment_name(0).is_some() {
            add("segment", segment());
        }
        if served.words.gives_limit {
            add("limit", number(|s| s.decided.limit));
        }
        if let Some(tiers) = model.decisions.as_ref().and_then(|decisions| decisions.tiers.as_ref()) {
            add("tier", text(&|s| Some(tiers.tiers[s.decided.tier?].name.clone())));
            add("strategy", text(&|s| Some(tiers.tiers[s.decided.tier?].strategy())));
        }
    } else if model.gives_amount() {
        add("amount", number(|s| s.amount));
    } else {
        add("segment", segment());
        add("distance", number(|s| s.distance));
        add("margin", number(|s| s.margin));
        add("novel", text(&|s| s.novel.map(|novel| if novel { "yes" } else { "no" }.to_owned())));
    }
    if !served.words.leaves.is_empty() {
        let leaf = |s: &Scored| served.words.leaves.get(s.leaf?).copied();
        add("leaf", Column::Integers(scored().map(|s| s.and_then(leaf)).collect()));
    }
    let reasons = if model.gives_pd() || model.gives_amount() { MAX_REASONS } else { 0 };
    for n in 0..reasons {
        let reason = |s: &Scored| Some(model.schema.fields[s.reasons.get(n)?.field].reason_text().to_owned());
        add(&format!("reason_{}", n + 1), text(&reason));
    }
    if served.overrides().is_some() {
        let changed = || customers.iter().map(|customer| customer.outcome.overridden());
        let grades = customers.iter().map(|customer| customer.outcome.model_grade());
        let name = |grade: Option<usize>| grade.map_or(String::new(), |at| model.grades[at].name.clone());
        add("model_grade", Column::Texts(grades.map(name).collect()));
        if served.words.gives_limit {
            let own = |s: &Scored| s.decided.limit;
            let limits = changed().zip(scored()).map(|(o, s)| o.map_or(s.and_then(own), |o| o.limit));
            add("model_limit", Column::Numbers(limits.collect()));
        }
        let why = changed().map(|o| o.map_or(String::new(), |o| o.by.why.clone()));
        add("override", Column::Texts(why.collect()));
    }
    add("flags", Column::Texts(customers.iter().map(|customer| flags(served, customer)).collect()));
    let error = |customer: &Customer| match &customer.outcome {
        Outcome::Scored { .. } => String::new(),
        Outcome::Failed(fault) => fault.sentence(),
    };
    add("error", Column::Texts(customers.iter().map(error).collect()));
    columns
}

fn flags(served: &Served, customer: &Customer) -> String {
    let Outcome::Scored { scored, absent, .. } = &customer.outcome else { return String::new() };
    let name = |at: usize| &served.model.schema.fields[at].name;
    let flags = scored.flags.iter().map(|flag| format!("{}: {}", name(flag.field), flag.kind));
    let absent = absent.iter().map(|at| format!("{}: {ABSENT}", name(*at)));
    flags.chain(absent).collect::<Vec<_>>().join("; ")
}
