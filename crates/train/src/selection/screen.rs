//! The steps that look at one variable alone: forced out, single value, missing values, IV.

use super::state::State;
use super::{FORCED_OUT, Step};

pub(super) fn screen(state: &mut State<'_>) {
    for candidate in 0..state.candidates.len() {
        screen_one(state, candidate);
    }
}

fn screen_one(state: &mut State<'_>, candidate: usize) {
    let params = state.params;
    let of = &state.candidates[candidate];
    let (iv, missing) = (of.iv, of.missing_share);
    if params.force_out.iter().any(|name| name == of.name) {
        return state.drop(candidate, Step::ForceOut, FORCED_OUT.to_owned());
    }
    if of.bins < 2 {
        return state.drop(candidate, Step::SingleValue, "a single bin: it says nothing".to_owned());
    }
    if missing > params.max_missing {
        let reason = format!(
            "{:.2} % of its values are missing, more than {:.2} %",
            100.0 * missing,
            100.0 * params.max_missing
        );
        if state.drop_unless_forced(candidate, Step::Missing, reason) {
            return;
        }
    }
    if iv < params.min_iv {
        state.drop_unless_forced(candidate, Step::LowIv, format!("IV {iv:.4} below {}", params.min_iv));
    } else if iv > params.max_iv {
        let reason = format!("likely leak: IV {iv:.4} above {}", params.max_iv);
        if params.drop_leaks {
            state.drop_unless_forced(candidate, Step::Leak, reason);
        } else {
            state.decisions[candidate].flags.push(reason);
        }
    }
}
