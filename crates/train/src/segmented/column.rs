//! Segments that are the categories of one column, or groups of them.

use super::params::{Limits, MOST_SEGMENTS, SegmentsParams};
use super::router::{Routed, fields_of};
use crate::error::TrainError;
use crate::rows::Rows;
use arrears_model::Kind;
use arrears_model::label::short_list;
use arrears_model::segmented::Router;
use arrears_model::tree::{Node, Side, Split, Test, Tree};
use arrears_model::value::Cell;

/// Rows and bads.
type Tally = (u64, u64);

/// Parts customers by the column. Categories (or groups) that keep the limits have a segment each, the rest, missing
/// values and categories that training never saw share the last one; where that is below the limits, it is joined with
/// the largest. `None` where there are not two segments.
pub(super) fn by_column(
    rows: &Rows<'_>,
    params: &SegmentsParams,
    limits: Limits,
) -> Result<Option<Routed>, TrainError> {
    let column = params.column.clone().unwrap_or_default();
    let field = fields_of(rows, "column", std::slice::from_ref(&column))?[0];
    let Kind::Category { categories, .. } = &rows.field(field).kind else {
        let why = "it is a number; part by numbers with `by = \"tree\"`".to_owned();
        return Err(TrainError::NoRoute { key: "column", name: column, why });
    };
    let candidates = candidates(categories, params)?;
    let (of_category, other) = tallies(rows, field, categories.len());
    let whole = |group: &[usize]| group.iter().fold((0, 0), |sum, c| add(sum, of_category[*c]));
    let mut kept: Vec<Vec<usize>> = candidates;
    kept.retain(|group| {
        let (count, bads) = whole(group);
        limits.kept(count, bads)
    });
    // The largest ones, in the order they were given.
    let mut by_size: Vec<usize> = (0..kept.len()).collect();
    by_size.sort_by_key(|group| std::cmp::Reverse(whole(&kept[*group]).0));
    by_size.truncate(MOST_SEGMENTS - 1);
    let mut at = 0..;
    kept.retain(|_| at.next().is_some_and(|group| by_size.contains(&group)));
    let rest: Vec<usize> =
        (0..categories.len()).filter(|c| !kept.iter().any(|group| group.contains(c))).collect();
    let (count, bads) = add(whole(&rest), other);
    let mut last = rest;
    if !limits.kept(count, bads) {
        // Of equally large ones the first.
        let largest = (0..kept.len()).rev().max_by_key(|group| whole(&kept[*group]).0);
        let Some(largest) = largest else { return Ok(None) };
        last.extend(kept.remove(largest));
        last.sort_unstable();
    }
    if kept.is_empty() {
        return Ok(None);
    }
    let names = names(rows, field, &kept, &last);
    let tallies: Vec<Tally> = kept.iter().map(|group| whole(group)).collect();
    let tree = chain(field, categories.len(), &kept, &tallies, add(whole(&last), other));
    Ok(Some(Routed { router: Router::Tree(tree), transforms: Vec::new(), names }))
}

fn add(a: Tally, b: Tally) -> Tally {
    (a.0 + b.0, a.1 + b.1)
}

/// Each group of the recipe, or each category, as positions.
fn candidates(categories: &[String], params: &SegmentsParams) -> Result<Vec<Vec<usize>>, TrainError> {
    if params.groups.is_empty() {
        return Ok((0..categories.len()).map(|category| vec![category]).collect());
    }
    let mut taken = vec![false; categories.len()];
    let mut position = |name: &String| {
        let fail = |why: String| TrainError::NoRoute { key: "groups", name: name.clone(), why };
        let position = categories.iter().position(|category| category == name);
        let position = position.ok_or_else(|| fail(format!("expected one of: {}", categories.join(", "))))?;
        match std::mem::replace(&mut taken[position], true) {
            true => Err(fail("a category can be in one group only".to_owned())),
            false => Ok(position),
        }
    };
    params.groups.iter().map(|group| group.iter().map(&mut position).collect()).collect()
}

/// Rows and bads of each category, and of all other values.
fn tallies(rows: &Rows<'_>, field: usize, categories: usize) -> (Vec<Tally>, Tally) {
    let (mut of_category, mut other) = (vec![(0, 0); categories], (0, 0));
    for (cell, bad) in rows.column(field).zip(&rows.bad) {
        let tally = match cell {
            Cell::Category(category) => &mut of_category[category],
            _ => &mut other,
        };
        *tally = add(*tally, (1, u64::from(*bad)));
    }
    (of_category, other)
}

/// `S1: product = loan`, `S2: product in {card, lease}`, and the last with what else there may be.
fn names(rows: &Rows<'_>, field: usize, kept: &[Vec<usize>], last: &[usize]) -> Vec<String> {
    let field = rows.field(field);
    let list = |group: &[usize]| {
        let names: Vec<&str> = group.iter().map(|c| field.categories()[*c].as_str()).collect();
        match names.as_slice() {
            [one] => format!("{} = {}", field.name, short_list(&[one])),
            names => format!("{} in {{{}}}", field.name, short_list(names)),
        }
    };
    let mut words: Vec<String> = kept.iter().map(|group| list(group)).collect();
    words.push(match last {
        [] => format!("any other {}", field.name),
        last => format!("{} or any other", list(last)),
    });
    words.into_iter().enumerate().map(|(i, words)| format!("S{}: {words}", i + 1)).collect()
}

/// A tree that asks for one group after the other: the left answer is its leaf, the last right one everything else.
fn chain(field: usize, categories: usize, kept: &[Vec<usize>], tallies: &[Tally], last: Tally) -> Tree {
    let node = |(count, bads): Tally, split| {
        let pd = (bads as f64 + 1.0) / (count as f64 + 2.0);
        Node { count, bads, pd, split }
    };
    let mut nodes = Vec::new();
    for (i, group) in kept.iter().enumerate() {
        let side = |c| if group.contains(&c) { Side::Left } else { Side::Right };
        let test = Test::In { categories: (0..categories).map(side).collect(), other: Side::Right };
        let (left, right) = (nodes.len() + 1, nodes.len() + 2);
        let here = tallies[i..].iter().fold(last, |sum, tally| add(sum, *tally));
        nodes.push(node(here, Some(Split { field, test, missing: Side::Right, left, right })));
        nodes.push(node(tallies[i], None));
    }
    nodes.push(node(last, None));
    Tree { nodes }
}
