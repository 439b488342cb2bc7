//! The page: one file, no script, nothing from elsewhere.

mod grades;
mod head;
mod limits;
mod migration;
mod others;

pub(crate) use others::reading;

use super::assessment::{Assessment, Holding};
use super::numbers::{Style, maybe};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const CSS: &str = include_str!("style.css");

/// What the parts of the page share.
pub(crate) struct Page<'a> {
    a: &'a Assessment,
    style: Style,
}

/// The page of an assessment.
pub(crate) fn page(a: &Assessment) -> String {
    let page = Page { a, style: Style::page(a.largest_amount()) };
    let title = format!("Credit assessment as of {}", a.as_of);
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(CSS)) }
            }
            body { main {
                (head::head(&page, &title))
                (grades::grades(&page))
                (migration::migration(&page))
                (migration::top(&page))
                (limits::limits(&page))
                (grades::exposure(&page))
                (others::tiers(&page))
                (others::stability(&page))
                (others::definitions(&page))
            } }
        }
    };
    document.into_string()
}

impl Page<'_> {
    fn currency(&self) -> &str {
        &self.a.currency
    }

    fn count(&self, n: u64) -> String {
        self.style.count(n)
    }

    fn customers(&self, n: u64) -> String {
        format!("{} customer{}", self.count(n), if n == 1 { "" } else { "s" })
    }

    fn money(&self, x: Option<f64>) -> String {
        maybe(x, |x| self.style.money(x))
    }

    fn percent(&self, share: Option<f64>) -> String {
        maybe(share, |share| self.style.percent(share, 1))
    }

    /// A pd, finer than other shares.
    fn pd(&self, pd: Option<f64>) -> String {
        maybe(pd, |pd| self.style.percent(pd, 2))
    }

    fn customers_before(&self, holding: Option<&Holding>) -> String {
        holding.map_or(super::numbers::ABSENT.to_owned(), |h| self.count(h.customers))
    }
}

/// A table that scrolls by itself where the page is narrower, for the keyboard too.
fn wide(label: &str, table: Markup) -> Markup {
    html! { div.wide role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// A column header; `text` columns are set left.
fn column(title: &str, text: bool) -> Markup {
    html! { th scope="col" class=[text.then_some("text")] { (title) } }
}
