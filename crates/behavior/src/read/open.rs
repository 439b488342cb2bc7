//! Opening tables: which are sorted by customer, and sorting those that are not.

use crate::clean::Ledger;
use crate::config::{ColumnSource, Config, TableMapping};
use crate::read::batch::OwnKey;
use crate::read::build::Design;
use crate::read::collect::Collected;
use crate::read::layout::Layout;
use crate::read::owners::Owners;
use crate::read::queue::{CHUNK, Queue, Run};
use crate::read::shape::Shape;
use crate::read::spill::Spill;
use crate::read::table::{TableFile, ascending, has_whole_numbers};
use crate::read::{EventReader, ReadSettings};
use crate::{Error, EventKind};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

/// Most files of a table that are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Opens the tables of a configuration.
pub(crate) fn open(
    config: &Config,
    asked: &dyn Fn(EventKind) -> Vec<String>,
    settings: ReadSettings,
) -> Result<EventReader, Error> {
    let needless = EventKind::ALL.into_iter().filter(|kind| config.table(*kind).is_none());
    for kind in needless {
        if let Some(column) = asked(kind).first() {
            let needed_by = format!("its column `{column}`");
            return Err(Error::NoTable { table: kind.name(), needed_by });
        }
    }
    let shapes = config.tables.iter().map(|table| Shape::new(config, table, &asked(table.kind)));
    let shapes = shapes.collect::<Result<_, Error>>()?;
    let numeric = numeric(config)?;
    let mut opening = Opening {
        ledger: Ledger::new(config, settings.rejects),
        memory: settings.memory,
        batch: settings.batch.max(1),
        resident: 0,
        queues: Vec::new(),
    };
    let layouts: Vec<Layout> =
        config.tables.iter().map(|table| Layout::new(config, table, numeric)).collect();
    let owners = opening.owners(config, &layouts)?;
    let chains: Vec<Result<Option<Vec<Chain>>, Error>> = layouts.par_iter().map(chains).collect();
    for ((place, mut layout), chains) in layouts.into_iter().enumerate().zip(chains) {
        if layout.table.customer.is_none() {
            layout.owners = owners.clone();
        }
        opening.table(place, &Arc::new(layout), chains?)?;
    }
    let Opening { mut ledger, queues, .. } = opening;
    notes(config, &mut ledger);
    let design = Arc::new(Design { shapes, clean: config.clean.clone(), within: [None; 6] });
    Ok(EventReader { queues, ledger, design })
}

/// Whether every table holds customers of a whole-number type.
fn numeric(config: &Config) -> Result<bool, Error> {
    for table in config.tables.iter() {
        let Some(ColumnSource::Columns(names)) = &table.customer else { continue };
        for path in &table.files {
            if names.len() > 1 || !has_whole_numbers(path, &names[0])? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// What is not looked at.
fn notes(config: &Config, ledger: &mut Ledger) {
    for (place, table) in config.tables.iter().enumerate() {
        let related = matches!(table.kind, EventKind::Payments | EventKind::Returns);
        if related && config.table(EventKind::Orders).is_some() && table.column("order").is_none() {
            ledger.note(place, "not held against orders: `order` is not mapped");
        }
    }
}

struct Opening {
    ledger: Ledger,
    memory: usize,
    batch: usize,
    /// Bytes of sorted tables that stay in memory.
    resident: usize,
    queues: Vec<Queue>,
}

impl Opening {
    /// Who placed each order, where a table needs to know.
    fn owners(&mut self, config: &Config, layouts: &[Layout]) -> Result<Option<Arc<Owners>>, Error> {
        let needed = layouts.iter().any(|layout| layout.table.customer.is_none());
        let Some(orders) = layouts.iter().find(|l| l.table.kind == EventKind::Orders).filter(|_| needed)
        else {
            return Ok(None);
        };
        let table = TableMapping {
            columns: orders.table.columns.iter().filter(|c| c.name == "order").cloned().collect(),
            known_at: None,
            currency: None,
            ..orders.table.clone()
        };
        let layout = Arc::new(Layout::new(config, &table, orders.numeric));
        let mut owners = Owners::new(orders.numeric);
        for path in &table.files {
            let mut file = TableFile::open(&layout, path, self.batch)?;
            while let Some(converted) = file.next()? {
                for rows in converted.iter().map(|converted| &converted.rows) {
                    owners.add(&rows.cells[0], &rows.customer);
                }
                if owners.bytes() > self.memory {
                    return Err(Error::Memory {
                        what: "the list of who placed each order",
                        budget: self.memory >> 20,
                        mend: "map `customer` in [payments] and [returns], or give more with --memory",
                    });
                }
            }
        }
        self.resident += owners.bytes();
        Ok(Some(Arc::new(owners)))
    }

    /// Adds a table: as it is where its files are sorted by customer, else sorted.
    fn table(&mut self, place: usize, layout: &Arc<Layout>, chains: Option<Vec<Chain>>) -> Result<(), Error> {
        let Some(chains) = chains else { return self.sorted(place, layout) };
        for waiting in chains {
            let run = Run::Files { layout: layout.clone(), open: None, waiting, batch: self.batch };
            self.queues.push(Queue::new(place, run));
        }
        Ok(())
    }

    /// Reads a table and sorts it by customer.
    fn sorted(&mut self, place: usize, layout: &Arc<Layout>) -> Result<(), Error> {
        let mut collected = Collected::new(layout.numeric);
        for path in &layout.table.files {
            let mut file = TableFile::open(layout, path, self.batch)?;
            while let Some(converted) = file.next()? {
                for converted in converted {
                    self.ledger.converted(place, file.name(), &converted.fates)?;
                    collected.add(&converted.rows);
                    if collected.is_full() || self.resident + collected.bytes() > self.memory {
                        let full = std::mem::replace(&mut collected, Collected::new(layout.numeric));
                        self.spill(place, full)?;
                    }
                }
            }
        }
        if collected.rows() > 0 {
            let sorted = collected.sorted();
            self.resident += sorted.bytes();
            self.queues.push(Queue::new(place, Run::Memory(Box::new(sorted))));
        }
        Ok(())
    }

    fn spill(&mut self, place: usize, full: Collected) -> Result<(), Error> {
        let mut sorted = full.sorted();
        let mut spill = Spill::new()?;
        while let Some(batch) = sorted.next(CHUNK / 2) {
            spill.write(&batch)?;
        }
        self.queues.push(Queue::new(place, Run::Disk(spill.finish()?)));
        Ok(())
    }
}

/// Files, in the order of which customers ascend.
type Chain = VecDeque<PathBuf>;

/// The files of a table as chains; `None` where customers do not ascend in each, or there are too many chains.
fn chains(layout: &Layout) -> Result<Option<Vec<Chain>>, Error> {
    let mut chains: Vec<(Option<OwnKey>, Chain)> = Vec::new();
    for path in &layout.table.files {
        let Some(ends) = ascending(layout, path)? else { return Ok(None) };
        let (first, last) = ends.unzip();
        let follows = |chain: &&mut (Option<OwnKey>, Chain)| chain.0 <= first;
        match chains.iter_mut().find(follows) {
            Some((end, files)) => {
                *end = last.or(end.take());
                files.push_back(path.clone());
            }
            None => chains.push((last, VecDeque::from([path.clone()]))),
        }
        if chains.len() > SIDE_BY_SIDE {
            return Ok(None);
        }
    }
    Ok(Some(chains.into_iter().map(|(_, files)| files).collect()))
}
