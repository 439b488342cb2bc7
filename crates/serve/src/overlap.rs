//! Reading, working and writing at once, in input order.

use crate::error::ServeError;
use rayon::prelude::*;

/// Takes pieces from `read`, works on them on all threads and gives what came out to `write`, in the order of the pieces.
///
/// While one wave of pieces is worked on, the next is read and the one before is written; so at most three are in memory.
/// `told` hears after each wave. What came before an error is written.
pub(crate) fn in_waves<P: Send, R: Send>(
    mut read: impl FnMut() -> Option<Result<Vec<P>, ServeError>> + Send,
    work: impl Fn(P) -> Result<R, ServeError> + Sync,
    mut write: impl FnMut(Vec<R>) -> Result<(), ServeError> + Send,
    mut told: impl FnMut(),
) -> Result<(), ServeError> {
    let mut done: Vec<R> = Vec::new();
    let mut next = read();
    loop {
        let (wave, last) = match next {
            Some(Ok(wave)) => (wave, None),
            Some(Err(error)) => (Vec::new(), Some(Err(error))),
            None => (Vec::new(), Some(Ok(()))),
        };
        if let Some(end) = last {
            write(done)?;
            told();
            return end;
        }
        let finished = std::mem::take(&mut done);
        let (worked, (written, read_on)) =
            rayon::join(|| wave.into_par_iter().map(&work).collect::<Vec<_>>(), || (write(finished), read()));
        written?;
        next = read_on;
        for result in worked {
            match result {
                Ok(result) => done.push(result),
                Err(error) => {
                    next = Some(Err(error));
                    break;
                }
            }
        }
        told();
    }
}

#[cfg(test)]
mod tests {
    use super::in_waves;
    use crate::error::ServeError;

    fn run(waves: usize, fails: Option<usize>) -> (Vec<usize>, bool) {
        let (mut n, mut out) = (0, Vec::new());
        let read = || {
            n += 1;
            (n <= waves).then(|| Ok((0..7).map(|i| (n - 1) * 7 + i).collect()))
        };
        let work = |x: usize| if Some(x) == fails { Err(ServeError::Reasons { found: x }) } else { Ok(x) };
        let write = |done| {
            out.extend(done);
            Ok(())
        };
        let ended = in_waves(read, work, write, || {});
        (out, ended.is_ok())
    }

    #[test]
    fn everything_once_and_in_order() {
        for waves in 0..20 {
            assert_eq!(run(waves, None), ((0..waves * 7).collect(), true));
        }
    }

    #[test]
    fn what_came_before_an_error_is_written() {
        for at in 0..35 {
            assert_eq!(run(5, Some(at)), ((0..at).collect(), false));
        }
    }
}
