//! Title, headline figures, what to know first.

use super::Page;
use crate::report::assessment::{Moved, Moves};
use maud::{Markup, html};

pub(super) fn head(page: &Page<'_>, title: &str) -> Markup {
    let a = page.a;
    html! {
        header {
            h1 { (title) }
            p.soft {
                "Model " (a.model) ". "
                @if let Some(earlier) = &a.previous {
                    "Compared with " (earlier.as_of)
                    @if earlier.model != a.model { ", model " (earlier.model) }
                    ". "
                }
                "Amounts in " (a.currency) "."
            }
        }
        @if !a.notes.is_empty() {
            section.notes aria-label="Read first" { ul { @for note in &a.notes { li { (note) } } } }
        }
        dl.cards { @for (title, value, remark) in cards(page) {
            div { dt { (title) } dd { span.big { (value) } @if !remark.is_empty() { br; small { (remark) } } } }
        } }
    }
}

type Card = (String, String, String);

fn cards(page: &Page<'_>) -> Vec<Card> {
    let (a, c) = (page.a, &page.a.customers);
    let before = |text: String| a.before.map_or(String::new(), |_| format!("{text} before"));
    let was = a.before.as_ref();
    let currency = page.currency();
    let flow = match was {
        Some(was) => {
            let (new, gone) = (page.count(c.new), page.count(c.gone));
            format!("{} before; {new} new, {gone} gone", page.count(was.customers))
        }
        None => String::new(),
    };
    let mut cards = vec![("Customers assessed".to_owned(), page.count(c.now), flow)];
    if c.rejected > 0 {
        cards.push(("Could not be assessed".to_owned(), page.count(c.rejected), "customers".to_owned()));
    }
    cards.push(("Mean pd".to_owned(), page.pd(a.now.mean_pd), before(page.pd(was.and_then(|h| h.mean_pd)))));
    cards.extend(a.moves.iter().flat_map(|moves| movement_cards(page, moves)));
    let net = a.limits.as_ref().map(|limits| format!("{} net", page.style.difference(limits.net)));
    let over = format!("{} {currency} above it", page.money(Some(a.now.over_limit_amount)));
    let exposure = before(page.money(was.and_then(|h| h.exposure)));
    let utilisation = before(page.percent(was.and_then(|h| h.utilisation)));
    cards.extend([
        (format!("Exposure, {currency}"), page.money(a.now.exposure), exposure),
        (format!("Limits, {currency}"), page.money(a.now.limit), net.unwrap_or_default()),
        ("Utilisation".to_owned(), page.percent(a.now.utilisation), utilisation),
        ("Customers over their limit".to_owned(), page.count(a.now.over_limit), over),
    ]);
    if let Some(lgd) = a.lgd {
        let remark = format!("at an LGD of {}", page.percent(Some(lgd)));
        cards.push((format!("Expected loss, {currency}"), page.money(a.now.expected_loss), remark));
    }
    cards
}

fn movement_cards(page: &Page<'_>, moves: &Moves) -> [Card; 4] {
    let remark = |moved: &Moved| {
        format!(
            "{}, {} {}",
            page.customers(moved.customers),
            page.money(Some(moved.exposure)),
            page.currency()
        )
    };
    let ratio = moves.downgrades_per_upgrade.map(|x| format!("{} down for each up", page.style.number(x, 2)));
    [
        ("Downgraded".to_owned(), page.percent(moves.downgraded.share), remark(&moves.downgraded)),
        ("Upgraded".to_owned(), page.percent(moves.upgraded.share), remark(&moves.upgraded)),
        ("Same grade".to_owned(), page.percent(moves.stable.share), ratio.unwrap_or_default()),
        (
            "Fell into the worst grade".to_owned(),
            page.count(moves.into_worst.customers),
            format!("{} {}", page.money(Some(moves.into_worst.exposure)), page.currency()),
        ),
    ]
}
