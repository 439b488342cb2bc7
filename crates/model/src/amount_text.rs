//! Amounts as people read them: commas at the thousands, as many decimals as tell the amounts of a model apart.

use crate::amount_tree::AmountTree;

/// Decimals for amounts that lie about `spread` apart: 2 as for money, none from a million on, and below 1 so many that two
/// digits of the spread are seen.
pub fn amount_decimals(spread: f64) -> usize {
    /// Beyond so many zeros a number is written with a power of ten.
    const MOST: usize = 12;
    if spread >= 1e6 {
        return 0;
    }
    let (mut spread, mut decimals) = (spread, 2);
    while spread > 0.0 && spread < 1.0 && decimals < MOST {
        spread *= 10.0;
        decimals += 1;
    }
    decimals
}

/// An amount with so many decimals: `1,204.50`, `-0.0031`. From 10^15 on with a power of ten.
pub fn amount_text(amount: f64, decimals: usize) -> String {
    if amount.abs() >= 1e15 {
        return format!("{amount:.4e}");
    }
    let digits = format!("{:.decimals$}", amount.abs());
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::new();
    // No `-0.00`.
    if amount < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text.push('-');
    }
    for (at, digit) in digits.char_indices() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl AmountTree {
    /// An amount of this tree in words: with the [`amount_decimals`] of the standard deviation of its training amounts.
    pub fn text(&self, amount: f64) -> String {
        amount_text(amount, self.decimals())
    }

    /// The decimals of [`AmountTree::text`].
    pub fn decimals(&self) -> usize {
        // A checked tree has a root.
        let root = self.nodes.first();
        let spread = root.and_then(|root| root.deviation.filter(|d| *d > 0.0).or(Some(root.value.abs())));
        amount_decimals(spread.unwrap_or_default())
    }
}
