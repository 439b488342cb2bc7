//! The HTTP service over real connections, against batch scoring and the plain one-row scorer as oracles.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod amounts;
mod any_bytes;
mod bodies;
mod changed_bodies;
mod client;
mod decisions;
mod equal_bits;
mod faults;
mod limits;
mod overrides;
mod plain_oracle;
mod protocols;
mod reload;
mod running;
mod said;
mod shadow;
mod slow;
mod tls;
mod token_roles;
