//! Training rows dealt into folds, the same on every machine.

use arrears_data::split::order_key;
use std::collections::HashMap;

/// The fold of every row: within each class the rows are put in the order of [`order_key`] and dealt out in turn. Rows
/// of one group go into one fold: the group is dealt in the place of its first row, and is bad if one of its rows is.
pub(crate) fn deal(bad: &[bool], groups: Option<&[usize]>, folds: usize, seed: u64) -> Vec<usize> {
    let Heads { head, bad: any_bad } = Heads::of(bad, groups);
    let mut fold_of = vec![0; bad.len()];
    let mut next = 0;
    for class in [false, true] {
        let heads = (0..bad.len()).filter(|row| head[*row] == *row);
        let mut members: Vec<usize> = heads.filter(|row| any_bad[*row] == class).collect();
        members.sort_unstable_by_key(|row| (order_key(seed, *row as u64), *row));
        for row in members {
            fold_of[row] = next;
            next = (next + 1) % folds;
        }
    }
    head.into_iter().map(|head| fold_of[head]).collect()
}

/// The rows that stand for groups.
pub(crate) struct Heads {
    /// For each row the first of its group.
    pub(crate) head: Vec<usize>,
    /// Whether a row of the group is bad, at the place of the first.
    pub(crate) bad: Vec<bool>,
}

impl Heads {
    pub(crate) fn of(bad: &[bool], groups: Option<&[usize]>) -> Heads {
        let Some(groups) = groups else {
            return Heads { head: Vec::from_iter(0..bad.len()), bad: bad.to_vec() };
        };
        let mut first = HashMap::new();
        let head: Vec<usize> =
            groups.iter().enumerate().map(|(row, group)| *first.entry(*group).or_insert(row)).collect();
        let mut any = vec![false; bad.len()];
        head.iter().zip(bad).for_each(|(head, bad)| any[*head] |= bad);
        Heads { head, bad: any }
    }

    /// How many groups are good, and how many bad: each fold needs one of either.
    pub(crate) fn goods_and_bads(&self) -> (usize, usize) {
        let heads = || (0..self.head.len()).filter(|row| self.head[*row] == *row);
        let bads = heads().filter(|row| self.bad[*row]).count();
        (heads().count() - bads, bads)
    }
}
