//! From declarations to a plan: what is the same is computed once.

use super::draft::Draft;
use super::library::{self, Choice};
use super::plan::{Columns, Combination, Combine, Plan};
use crate::{Aggregate, Compare, Declaration, EventKind, FeatureError, Selection, Window};
use arrears_expression::nearest;

/// A plan that is being made.
#[derive(Clone)]
pub(crate) struct Compiler<'a> {
    selection: &'a Selection,
    declared: &'a [Declaration],
    pub(crate) tables: [Draft<'a>; 6],
    pub(crate) outputs: Vec<(String, usize)>,
    pub(crate) slots: usize,
    pub(crate) combinations: Vec<Combination>,
    pub(crate) compared: Vec<(String, usize)>,
    pub(crate) left_out: Vec<FeatureError>,
    /// Slots that have been given: whose, in which window, of the time before it.
    made: Vec<(&'a Declaration, Window, bool, usize)>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        selection: &'a Selection,
        declared: &'a [Declaration],
        columns: &'a Columns,
    ) -> Compiler<'a> {
        let draft = |kind: EventKind| Draft::new(kind, columns.tables[kind as usize].as_deref());
        Compiler {
            selection,
            declared,
            tables: EventKind::ALL.map(draft),
            outputs: Vec::new(),
            slots: 0,
            combinations: Vec::new(),
            compared: Vec::new(),
            left_out: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Adds a feature of the library; one of a group is left out if the mapped tables cannot give it.
    pub(crate) fn library(&mut self, choice: Choice) -> Result<(), FeatureError> {
        let mut with = self.clone();
        match with.declared(choice.declaration) {
            Ok(()) => *self = with,
            Err(error) if choice.by_group && error.is_of_mapping() => {
                self.left_out.push(error.of_feature(&choice.declaration.name));
            }
            Err(error) => return Err(error.of_feature(&choice.declaration.name)),
        }
        Ok(())
    }

    /// Adds a declared feature in all its windows, each with its comparisons.
    pub(crate) fn declared(&mut self, of: &'a Declaration) -> Result<(), FeatureError> {
        let letters =
            of.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !of.name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(fault(of, "a name has lower-case letters, digits and `_`, and begins with a letter"));
        }
        let windows = if of.window.0.is_empty() { &self.selection.windows.0 } else { &of.window.0 };
        if windows.is_empty() {
            return Err(fault(of, "no window: write `window = \"90d\"`, or `windows` in [features]"));
        }
        for window in windows {
            let slot = self.slot(of, *window, false)?;
            let name = of.column(*window);
            self.output(of, name.clone(), slot)?;
            for compare in &of.compare.0 {
                let compared = self.compare(of, *window, *compare, slot)?;
                self.output(of, format!("{name}{}", compare.ending()), compared)?;
            }
        }
        Ok(())
    }

    fn output(&mut self, of: &Declaration, name: String, slot: usize) -> Result<(), FeatureError> {
        if self.outputs.iter().any(|(other, _)| *other == name) {
            return Err(fault(
                of,
                &format!("there is already a column `{name}`: give one of the two another name"),
            ));
        }
        self.outputs.push((name, slot));
        Ok(())
    }

    fn compare(
        &mut self,
        of: &'a Declaration,
        window: Window,
        compare: Compare,
        slot: usize,
    ) -> Result<usize, FeatureError> {
        let combine = match compare {
            Compare::Peers => {
                self.table(of, EventKind::Customers)?.lane(of, "group")?;
                self.compared.push((of.column(window), slot));
                Combine::Peers(slot, self.compared.len() - 1)
            }
            Compare::Past => Combine::Ratio(slot, self.slot(of, window, true)?),
            Compare::Change => Combine::Difference(slot, self.slot(of, window, true)?),
        };
        Ok(self.combine(combine))
    }

    fn combine(&mut self, of: Combine) -> usize {
        let slot = self.next_slot();
        self.combinations.push(Combination { slot, of });
        slot
    }

    fn next_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// Where the value of a feature in a window goes; `past`: in the window of the same length just before.
    fn slot(&mut self, of: &'a Declaration, window: Window, past: bool) -> Result<usize, FeatureError> {
        let same = |made: &&(&'a Declaration, Window, bool, usize)| {
            std::ptr::eq(made.0, of) && (made.1, made.2) == (window, past)
        };
        if let Some(made) = self.made.iter().find(same) {
            return Ok(made.3);
        }
        let (start, end) = match (window, past) {
            (Window::Days(days), false) => (Some(days), Some(0)),
            (Window::Days(days), true) => (Some(2 * days), Some(days)),
            (Window::All, false) => (None, Some(0)),
            (Window::All, true) => {
                return Err(fault(of, "there is no time before `all`: compare needs a window of days"));
            }
        };
        let slot = match of.aggregate {
            Aggregate::Ratio => {
                let (above, below) = self.parts(of)?;
                let (above, below) = (self.slot(above, window, past)?, self.slot(below, window, past)?);
                self.combine(Combine::Ratio(above, below))
            }
            _ => {
                let kind =
                    of.event.ok_or_else(|| fault(of, "no event: write for example `event = \"orders\"`"))?;
                let slot = self.next_slot();
                self.table(of, kind)?.add(of, start, end, slot)?;
                slot
            }
        };
        self.made.push((of, window, past, slot));
        Ok(slot)
    }

    fn table(&mut self, of: &Declaration, kind: EventKind) -> Result<&mut Draft<'a>, FeatureError> {
        let draft = &mut self.tables[kind as usize];
        match draft.is_mapped() {
            true => Ok(draft),
            false => Err(FeatureError::NoTable { feature: of.name.clone(), kind }),
        }
    }

    /// The two features of a ratio.
    fn parts(&self, of: &'a Declaration) -> Result<(&'a Declaration, &'a Declaration), FeatureError> {
        if of.event.is_some() || of.filter.is_some() {
            return Err(fault(of, "a ratio has no `event` and no `where`: its two features have them"));
        }
        let Some((above, below)) = of.of.as_deref().and_then(|of| of.split_once('/')) else {
            return Err(fault(of, "a ratio needs `of = \"a / b\"` with the names of two features"));
        };
        Ok((self.part(of, above.trim())?, self.part(of, below.trim())?))
    }

    fn part(&self, of: &'a Declaration, name: &str) -> Result<&'a Declaration, FeatureError> {
        let ours = self.declared.iter().any(|declared| std::ptr::eq(declared, of));
        let declared = if ours { self.declared } else { &[] };
        let found = declared.iter().find(|feature| feature.name == name).or_else(|| library::find(name));
        let part = found.ok_or_else(|| {
            let names = declared.iter().chain(library::library()).map(|feature| feature.name.as_str());
            unknown(of, "feature".to_owned(), name, names, false)
        })?;
        match part.aggregate {
            Aggregate::Ratio => {
                Err(fault(of, &format!("`{name}` is a ratio itself: name features that are none")))
            }
            _ => Ok(part),
        }
    }

    pub(crate) fn finish(self) -> Plan {
        Plan::assemble(self)
    }
}

pub(super) fn fault(of: &Declaration, fault: &str) -> FeatureError {
    FeatureError::Declaration { feature: of.name.clone(), fault: fault.to_owned() }
}

pub(super) fn unknown<'n>(
    of: &Declaration,
    what: String,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    list: bool,
) -> FeatureError {
    FeatureError::Unknown {
        place: format!("feature `{}`", of.name),
        what,
        name: name.to_owned(),
        nearest: nearest(name, known.clone()).map(str::to_owned),
        known: if list { known.map(str::to_owned).collect() } else { Vec::new() },
    }
}
