//! The live side: a customer's state, one event at a time, and features from it by the code of the batch.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | `event` | an event as it is delivered |
//! | 2 | `rows` | the events of one customer, unpacked: inserted, joined, forgotten |
//! | 3 | `pack` | the same in few bytes: what is kept, sent and stored |
//! | 4 | `state` | update, merge, features |

mod event;
mod pack;
mod rows;
mod state;

pub use event::{LiveEvent, LiveValue, fingerprint};
pub use state::{CustomerState, Live};
