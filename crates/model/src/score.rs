//! Scoring one row: raw values -> cells -> pd, score, grade, segment, amount, reasons.
//!
//! This is the plain reference: one row at a time, every step visible.

use crate::additive::Additive;
use crate::amount_tree::AmountTree;
use crate::branch;
use crate::decisions::{Decided, Decider};
use crate::formula::Formulas;
use crate::model::{Model, Predictor};
use crate::scale::{Scale, grade, log_odds, probability};
use crate::schema::Field;
use crate::segmented::Segmented;
use crate::tree::Tree;
use crate::value::{Cell, Flag, Refusal, RefusalKind, Value};
use std::sync::Arc;

/// Most reasons a row can have.
pub const MAX_REASONS: usize = 4;

/// What a model says of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// Probability of bad.
    pub pd: Option<f64>,
    /// Points on the model's scale; higher is safer.
    pub score: Option<f64>,
    /// Position of the grade in the model's grades.
    pub grade: Option<usize>,
    /// Credit limit and tier, where the model decides them.
    pub decided: Decided,
    /// The expected amount, where the model predicts one.
    pub amount: Option<f64>,
    /// Position of the leaf in the tree's nodes, where the model is a tree of pds or of amounts.
    pub leaf: Option<usize>,
    /// Position of the segment in the model's segments; see [`Model::segment_names`].
    pub segment: Option<usize>,
    /// Distance to the segment's centre, in standard deviations; of k-means models.
    pub distance: Option<f64>,
    /// Distance to the second nearest centre minus `distance`: 0 on the border between the two. `None` where there is
    /// one segment only.
    pub margin: Option<f64>,
    /// Whether the row lies farther from its centre than the [`Segment::novelty`] of its segment: unlike the customers the
    /// model was trained on. `None` where the model does not know.
    ///
    /// [`Segment::novelty`]: crate::centroids::Segment::novelty
    pub novel: Option<bool>,
    /// What costs the most points, or raises the amount most, most first; at most [`MAX_REASONS`].
    pub reasons: Vec<Reason>,
    /// Values that were not taken as they stood.
    pub flags: Vec<Flag>,
}

/// One reason: a field and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Position of the field in the schema.
    pub field: usize,
    /// Points lost against the baseline, or what the amount rises by, in its own unit; above 0.
    pub loss: f64,
}

/// Scores rows with one model; keeps its working memory between rows.
#[derive(Debug)]
pub struct Scorer<'m> {
    model: &'m Model,
    formulas: Arc<Formulas>,
    decider: Option<Arc<Decider>>,
    cells: Vec<Cell>,
    terms: Vec<f64>,
    path: Vec<usize>,
    point: Vec<f64>,
    losses: Vec<f64>,
}

impl<'m> Scorer<'m> {
    /// A scorer for `model`.
    pub fn new(model: &'m Model) -> Self {
        Self::bound(model, Arc::new(Formulas::of(&model.schema)), Decider::of(model).map(Arc::new))
    }

    /// A scorer for `model`, whose formulas were compiled before.
    pub(crate) fn bound(model: &'m Model, formulas: Arc<Formulas>, decider: Option<Arc<Decider>>) -> Self {
        Self {
            model,
            formulas,
            decider,
            cells: vec![],
            terms: vec![],
            path: vec![],
            point: vec![],
            losses: vec![],
        }
    }

    /// Scores one row of raw values, one for each field of the schema in its order. Values beyond the
    /// last field are ignored and absent ones count as missing. What stands in the place of a field with a formula is not
    /// looked at.
    ///
    /// # Errors
    /// [`Refusal`]: the first value, in schema order, that must not be used.
    pub fn score(&mut self, row: &[Value<'_>]) -> Result<Scored, Refusal> {
        let flags = self.ingest(row)?;
        let mut scored = Scored { flags, ..Scored::default() };
        self.losses.clear();
        self.losses.resize(self.model.schema.fields.len(), 0.0);
        match (&self.model.predictor, &self.model.scale) {
            (Predictor::Additive(additive), Some(scale)) => self.score_additive(additive, scale, &mut scored),
            (Predictor::Tree(tree), Some(scale)) => self.score_tree(tree, scale, &mut scored),
            (Predictor::Centroids(centroids), _) => {
                centroids.locate(&self.model.transforms, &self.cells, &mut self.point);
                let place = centroids.place(&self.point);
                scored.segment = Some(place.segment);
                scored.distance = Some(place.distance);
                scored.margin = place.margin;
                scored.novel = place.novel;
            }
            (Predictor::Segmented(segmented), Some(scale)) => {
                self.score_segmented(segmented, scale, &mut scored);
            }
            (Predictor::AmountTree(tree), _) => self.score_amount(tree, &mut scored),
            // A checked model has a scale wherever it gives a pd.
            (Predictor::Additive(_) | Predictor::Tree(_) | Predictor::Segmented(_), None) => {}
        }
        if let (Some(decider), Some(pd), Some(score), Some(grade)) =
            (&self.decider, scored.pd, scored.score, scored.grade)
        {
            let cell = |at: usize| self.cells[at];
            let grade = decider.grade(cell, pd, score, grade);
            scored.grade = Some(grade);
            let flags = &mut scored.flags;
            scored.decided = decider.decide(cell, pd, score, grade, |flag| flags.push(flag));
        }
        Ok(scored)
    }

    /// The cells of the row scored last.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The log-odds of each term for the row scored last, where the model is a sum of terms; of a model with a
    /// scorecard for each segment those of the row's segment.
    pub fn terms(&self) -> &[f64] {
        &self.terms
    }

    /// The coordinates of the row scored last, where the model has segments.
    pub fn point(&self) -> &[f64] {
        &self.point
    }

    fn ingest(&mut self, row: &[Value<'_>]) -> Result<Vec<Flag>, Refusal> {
        let schema = &self.model.schema;
        let mut flags = Vec::new();
        self.cells.clear();
        for (i, field) in schema.fields.iter().enumerate() {
            if field.formula.is_some() {
                self.cells.push(Cell::Missing);
                continue;
            }
            let value = row.get(i).copied().unwrap_or(Value::Missing);
            let (cell, flag) =
                field.ingest(&schema.missing, value).map_err(|kind| refused(field, value, kind))?;
            self.cells.push(cell);
            flags.extend(flag.map(|kind| Flag { field: i, kind }));
        }
        if !self.formulas.is_empty() {
            let results: Vec<_> = self.formulas.results(schema, &self.cells).collect();
            for (i, value) in results {
                let field = &schema.fields[i];
                let taken = field.ingest(schema.missing_of(field), value);
                let (cell, flag) = taken.map_err(|kind| refused(field, value, kind))?;
                self.cells[i] = cell;
                flags.extend(flag.map(|kind| Flag { field: i, kind }));
            }
        }
        Ok(flags)
    }

    fn score_additive(&mut self, additive: &Additive, scale: &Scale, scored: &mut Scored) {
        let (schema, transforms) = (&self.model.schema, &self.model.transforms);
        let log_odds = additive.log_odds(schema, transforms, &self.cells, &mut self.terms);
        for (term, value) in additive.terms.iter().zip(&self.terms) {
            for (field, share) in term.shares(transforms) {
                self.losses[field] += share * (value - term.baseline);
            }
        }
        self.finish(probability(log_odds), log_odds, scale, scored);
    }

    /// The row is scored as by its segment's scorecard alone, reasons too.
    fn score_segmented(&mut self, segmented: &Segmented, scale: &Scale, scored: &mut Scored) {
        let transforms = &self.model.transforms;
        let segment = segmented.router.route(transforms, &self.cells, &mut self.path, &mut self.point);
        scored.segment = Some(segment);
        self.score_additive(&segmented.segments[segment].additive, scale, scored);
    }

    /// A tree's losses are the rises of log-odds from node to node on the way to the leaf, summed by the
    /// field that was asked.
    fn score_tree(&mut self, tree: &Tree, scale: &Scale, scored: &mut Scored) {
        let leaf = tree.descend(&self.cells, &mut self.path);
        branch::add_losses(&tree.nodes, &self.path, |node| log_odds(node.pd), &mut self.losses);
        scored.leaf = Some(leaf);
        let pd = tree.nodes[leaf].pd;
        self.finish(pd, log_odds(pd), scale, scored);
    }

    /// An amount tree's losses are the rises of its value from node to node, in the unit of the amount.
    fn score_amount(&mut self, tree: &AmountTree, scored: &mut Scored) {
        let leaf = tree.descend(&self.cells, &mut self.path);
        branch::add_losses(&tree.nodes, &self.path, |node| node.value, &mut self.losses);
        scored.leaf = Some(leaf);
        scored.amount = Some(tree.nodes[leaf].value);
        scored.reasons = self.reasons(1.0);
    }

    fn finish(&mut self, pd: f64, log_odds: f64, scale: &Scale, scored: &mut Scored) {
        scored.pd = Some(pd);
        scored.score = Some(scale.score(log_odds));
        scored.grade = grade(&self.model.grades, pd);
        scored.reasons = self.reasons(scale.factor());
    }

    /// The fields that cost most; one unit of their losses is `factor` of a reason's.
    fn reasons(&self, factor: f64) -> Vec<Reason> {
        let points = self.losses.iter().map(|loss| loss * factor).enumerate();
        let mut reasons: Vec<Reason> =
            points.filter(|(_, loss)| *loss > 0.0).map(|(field, loss)| Reason { field, loss }).collect();
        // A stable sort keeps ties in schema order.
        reasons.sort_by(|a, b| b.loss.total_cmp(&a.loss));
        reasons.truncate(MAX_REASONS);
        reasons
    }
}

/// The refusal of a value. One that is missing is shown as nothing, however its source spells that.
pub(crate) fn refused(field: &Field, value: Value<'_>, kind: RefusalKind) -> Refusal {
    let value = if kind == RefusalKind::Missing { String::new() } else { shown(value) };
    Refusal { column: field.name.clone(), value, kind }
}

fn shown(value: Value<'_>) -> String {
    let text = match value {
        Value::Missing => String::new(),
        Value::Number(x) => x.to_string(),
        Value::Text(text) => text.to_owned(),
    };
    if text.chars().nth(60).is_some() { text.chars().take(60).chain(['…']).collect() } else { text }
}
