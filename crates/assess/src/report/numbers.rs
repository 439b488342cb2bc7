//! How numbers look.

/// What stands where a number does not exist.
pub(crate) const ABSENT: &str = "–";

/// Totals from here on are shown without decimals.
const WHOLE_FROM: f64 = 10_000.0;

/// Totals from here on are shown in millions, and in billions, on a terminal.
const MILLIONS_FROM: f64 = 1e9;
const BILLIONS_FROM: f64 = 1e12;

/// How numbers of a report look: what stands between thousands and before units, and the decimals of money.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    separator: &'static str,
    minus: &'static str,
    blank: &'static str,
    /// Money is shown in so many of its currency.
    unit: f64,
    money_decimals: usize,
}

impl Style {
    /// A page: narrow blanks that do not break. `largest` is the largest total of money.
    pub(crate) fn page(largest: f64) -> Style {
        let money_decimals = if largest >= WHOLE_FROM { 0 } else { 2 };
        Style { separator: "\u{202f}", minus: "\u{2212}", blank: "\u{202f}", unit: 1.0, money_decimals }
    }

    /// A terminal: commas.
    pub(crate) fn terminal(largest: f64) -> Style {
        let (unit, money_decimals) = match largest {
            BILLIONS_FROM.. => (1e9, 1),
            MILLIONS_FROM.. => (1e6, 1),
            WHOLE_FROM.. => (1.0, 0),
            _ => (1.0, 2),
        };
        Style { separator: ",", minus: "-", blank: "", unit, money_decimals }
    }

    /// What money is shown in: the currency, millions or billions of it.
    pub(crate) fn unit_of(&self, currency: &str) -> String {
        let unit = match self.unit {
            1e9 => " billion",
            1e6 => " million",
            _ => "",
        };
        format!("{currency}{unit}")
    }

    pub(crate) fn count(&self, n: u64) -> String {
        self.grouped(&n.to_string())
    }

    pub(crate) fn money(&self, x: f64) -> String {
        self.number(x / self.unit, self.money_decimals)
    }

    /// With a sign, unless it is 0.
    pub(crate) fn difference(&self, x: f64) -> String {
        let text = self.money(x);
        let zero = text.chars().all(|c| !matches!(c, '1'..='9'));
        if zero || x < 0.0 { text } else { format!("+{text}") }
    }

    /// A share as a percentage.
    pub(crate) fn percent(&self, share: f64, decimals: usize) -> String {
        format!("{}{}%", self.number(100.0 * share, decimals), self.blank)
    }

    pub(crate) fn number(&self, x: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", x.abs());
        let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
        let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
        let sign = if x < 0.0 && !zero { self.minus } else { "" };
        format!("{sign}{}{fraction}", self.grouped(whole))
    }

    fn grouped(&self, digits: &str) -> String {
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(self.separator);
            }
            text.push(digit);
        }
        text
    }
}

/// `show` of a number that may not exist.
pub(crate) fn maybe(x: Option<f64>, show: impl Fn(f64) -> String) -> String {
    x.map_or(ABSENT.to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn numbers_look_as_they_should() {
        let (small, large) = (Style::terminal(9_999.99), Style::page(10_000.0));
        assert_eq!(small.money(1234.5), "1,234.50");
        assert_eq!(small.money(-0.004), "0.00");
        assert_eq!(small.difference(-1e6), "-1,000,000.00");
        assert_eq!(large.money(999.5), "1\u{202f}000");
        assert_eq!(large.difference(0.4), "0");
        assert_eq!(large.difference(1234567.0), "+1\u{202f}234\u{202f}567");
        assert_eq!(large.difference(-12.0), "\u{2212}12");
        assert_eq!(large.percent(0.0123, 1), "1.2\u{202f}%");
        assert_eq!(small.percent(1.0, 0), "100%");
        let huge = Style::terminal(1e9);
        assert_eq!(
            (huge.money(1_234_560_000.0), huge.unit_of("GBP")),
            ("1,234.6".into(), "GBP million".into())
        );
        assert_eq!((large.count(0), large.count(100)), ("0".into(), "100".into()));
    }
}
