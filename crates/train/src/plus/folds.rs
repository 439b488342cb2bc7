//! Training rows dealt into folds, the same on every machine.

use arrears_data::split::order_key;

/// The fold of every row: within each class the rows are put in the order of [`order_key`] and dealt out in turn.
pub(crate) fn deal(bad: &[bool], folds: usize, seed: u64) -> Vec<usize> {
    let mut fold_of = vec![0; bad.len()];
    let mut next = 0;
    for class in [false, true] {
        let mut members: Vec<usize> = (0..bad.len()).filter(|row| bad[*row] == class).collect();
        members.sort_unstable_by_key(|row| (order_key(seed, *row as u64), *row));
        for row in members {
            fold_of[row] = next;
            next = (next + 1) % folds;
        }
    }
    fold_of
}
