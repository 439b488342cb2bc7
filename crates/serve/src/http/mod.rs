//! The HTTP service: `arrears serve`.
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`options`], `app` | what it is told, and what all requests share |
//! | 2 | `find_models`, `version`, `aliases`, `registry` | the models in a folder, loaded anew when files change |
//! | | `served`, `keys`, `words` | one model in service: its fields by name, its texts as JSON |
//! | 3 | `service`, `listen`, `patient_stream`, `tls` | started and stopped; connections |
//! | 4 | `routes`, `guard`, [`tokens`], `limits` | which path, who calls, whether there is a place |
//! | 5 | `media`, `customers`, `json_list`, `json_object` | bodies of `/score`: JSON, NDJSON, CSV, Arrow |
//! | | `tensors`, `tensor_bytes`, `invocations`, `python_json` | bodies of the Open Inference Protocol and of MLflow |
//! | | `score_form` | a body of any form through a model |
//! | 6 | `scoring`, `outcome` | each customer through the model |
//! | 7 | `settle` | where a scored request is final, before it is answered |
//! | | [`decisions`] | the decision log: it is on the disk before it is answered, and can be replayed |
//! | | `shadow` | the challenger scores the same customers |
//! | 8 | `score_route`, `answer_json`, `answer_table`, `infer_route`, `tensor_answer` | answers with scores |
//! | | `info_route`, `openapi` | what the service says of itself |
//! | | `fault` | why a request gets no scores |
//! | 9 | `metrics`, `drift`, `metrics_text`, [`log`], `access_log` | what is counted and written down |

mod access_log;
mod aliases;
mod answer_json;
mod answer_table;
mod app;
mod customers;
pub mod decisions;
mod drift;
mod fault;
mod find_models;
mod guard;
mod infer_route;
mod info_route;
mod invocations;
mod json_list;
mod json_object;
mod keys;
mod limits;
mod listen;
pub mod log;
mod media;
mod metrics;
mod metrics_text;
mod openapi;
pub mod options;
mod outcome;
pub mod overriding;
mod patient_stream;
mod python_json;
mod registry;
mod routes;
mod score_form;
mod score_route;
mod scoring;
mod served;
mod service;
mod settle;
mod shadow;
mod tensor_answer;
mod tensor_bytes;
mod tensors;
mod tls;
pub mod tokens;
mod version;
mod words;

pub use decisions::replay::{Finding, ReplayOptions, Replayed, replay};
pub use log::Log;
pub use options::{DecisionLogOptions, HttpOptions, Limits, TlsFiles};
pub use overriding::OverrideOptions;
pub use service::Service;
pub use tokens::{Role, new_token};
