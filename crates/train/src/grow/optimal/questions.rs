//! What a node may ask of a feature.

use super::grid::Grid;

/// Most bins beside the intervals of a number that are dealt to the sides in every way: 8 of them.
const ALL_WAYS: usize = 3;
/// Most categories that are dealt to the sides in every way: 31 of them.
const ALL_DEALS: usize = 6;

/// A question: which coarse bins go left?
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// An earlier question all of whose bins go left here too.
    pub(super) from: Option<usize>,
    /// The other bins that go left.
    pub(super) more: Vec<usize>,
    /// Whether each bin goes left.
    pub(super) lefts: Vec<bool>,
}

/// The questions of a feature, no two of which part the bins in the same way.
///
/// - A number: every threshold between two of its intervals, and none, with special codes and missing to the sides in every
///   way; where they are more than three, in order of their bad rate in all rows, lowest to one side.
/// - A category: up to six in every way. More: every cut in order of their bad rate in all rows, and each against the others.
/// - `also`: deals of the bins that are asked as well.
pub(super) fn questions(grid: &Grid, also: &[Vec<bool>]) -> Vec<Question> {
    let mut questions = Questions { bins: grid.bins, list: Vec::new() };
    let floating: Vec<usize> = (grid.intervals..grid.bins).collect();
    let ways = match grid.intervals {
        0 => category_ways(&floating),
        _ => floating_ways(&floating),
    };
    // These first: where a node's numbers are all on one side of a threshold, this is how it is asked.
    for way in &ways {
        questions.ask(None, way.clone());
    }
    for way in ways.into_iter().filter(|_| grid.intervals > 1) {
        let mut from = None;
        let mut more = way;
        more.push(0);
        for interval in 1..grid.intervals {
            let asked = questions.ask(from, more);
            (from, more) = (Some(asked), vec![interval]);
        }
    }
    also.iter().for_each(|lefts| {
        questions.ask(None, (0..grid.bins).filter(|bin| lefts[*bin]).collect());
    });
    questions.list
}

struct Questions {
    bins: usize,
    list: Vec<Question>,
}

impl Questions {
    /// Adds a question but where it parts nothing or has been asked before; gives its place (anything where it is not
    /// asked, which only happens without `from`).
    fn ask(&mut self, from: Option<usize>, more: Vec<usize>) -> usize {
        let mut lefts = from.map_or_else(|| vec![false; self.bins], |from| self.list[from].lefts.clone());
        more.iter().for_each(|bin| lefts[*bin] = true);
        let asked =
            |other: &Question| other.lefts == lefts || other.lefts.iter().zip(&lefts).all(|(a, b)| a != b);
        let parts = lefts.contains(&true) && lefts.contains(&false);
        if parts && !self.list.iter().any(asked) {
            self.list.push(Question { from, more, lefts });
        }
        self.list.len().saturating_sub(1)
    }
}

/// Which of the bins beside the intervals go left with the low numbers.
fn floating_ways(floating: &[usize]) -> Vec<Vec<usize>> {
    if floating.len() <= ALL_WAYS {
        return subsets(floating);
    }
    let lowest = (0..=floating.len()).map(|count| floating[..count].to_vec());
    lowest.chain((1..floating.len()).map(|from| floating[from..].to_vec())).collect()
}

fn category_ways(categories: &[usize]) -> Vec<Vec<usize>> {
    if categories.len() <= ALL_DEALS {
        return subsets(categories);
    }
    let cuts = (1..categories.len()).map(|count| categories[..count].to_vec());
    cuts.chain(categories.iter().map(|one| vec![*one])).collect()
}

fn subsets(bins: &[usize]) -> Vec<Vec<usize>> {
    let subset =
        |way: usize| bins.iter().enumerate().filter(|(at, _)| way >> at & 1 == 1).map(|(_, b)| *b).collect();
    (0..1 << bins.len()).map(subset).collect()
}
