//! Panics of readers over damaged bytes are errors, and are not printed. Alone in its file: the hook is that of the process.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use arrears_data::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrears_data::arrow::ipc::writer::StreamWriter;
use arrears_data::{hide_caught_panics, read_arrow_stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static PRINTED: AtomicUsize = AtomicUsize::new(0);

fn stream() -> Vec<u8> {
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["rent", "own"]));
    let batch = RecordBatch::try_from_iter([("a", numbers), ("b", texts)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Reads the stream with each of its bytes changed in turn; how many of these cannot be read.
fn read_damaged() -> usize {
    let good = stream();
    let mut refused = 0;
    for at in 0..good.len() {
        for byte in [0x00, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            refused += usize::from(read_arrow_stream("t", bytes.into(), &["a", "b"], 10).is_err());
        }
    }
    refused
}

#[test]
fn panics_that_are_caught_are_not_printed() {
    std::panic::set_hook(Box::new(|_| {
        PRINTED.fetch_add(1, Relaxed);
    }));
    let refused = read_damaged();
    let panics = PRINTED.swap(0, Relaxed);
    assert!(
        panics > 0 && refused > panics,
        "{panics} panics, {refused} errors: the test has what it is about"
    );
    hide_caught_panics();
    assert_eq!((read_damaged(), PRINTED.load(Relaxed)), (refused, 0));
    // Any other panic is printed as before, of this thread too.
    assert!(std::panic::catch_unwind(|| panic!("not one of a reader")).is_err());
    assert_eq!(PRINTED.load(Relaxed), 1);
}
