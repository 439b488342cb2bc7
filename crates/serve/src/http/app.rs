//! What all requests share.

use crate::error::ServeError;
use crate::http::access_log::AccessLog;
use crate::http::aliases::Aliases;
use crate::http::decisions::DecisionLog;
use crate::http::limits::Gate;
use crate::http::log::Log;
use crate::http::metrics::Metrics;
use crate::http::options::HttpOptions;
use crate::http::registry::Registry;
use crate::http::shadow::Shadow;
use crate::http::tokens::Tokens;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The state of a service.
pub(crate) struct App {
    pub(crate) registry: Registry,
    pub(crate) metrics: Metrics,
    pub(crate) gate: Gate,
    /// `None`: everybody may call.
    pub(crate) tokens: Option<Tokens>,
    pub(crate) log: Arc<Log>,
    pub(crate) access: Option<AccessLog>,
    pub(crate) shadow: Shadow,
    /// `None`: decisions are not written down.
    pub(crate) decisions: Option<DecisionLog>,
    /// Set when the service is told to stop.
    pub(crate) stopping: AtomicBool,
}

impl App {
    /// Loads what the options name.
    ///
    /// # Errors
    /// Models, tokens or keys cannot be read.
    pub(crate) fn open(options: &HttpOptions, log: Log) -> Result<Self, ServeError> {
        let aliases = Aliases { champion: options.champion.clone(), challenger: options.challenger.clone() };
        let access = match &options.log_id_key {
            _ if !options.access_log => None,
            key => Some(AccessLog::new(key.as_deref())?),
        };
        let log = Arc::new(log);
        let app = App {
            registry: Registry::open(&options.models, aliases, options.overrides.clone())?,
            metrics: Metrics::new(),
            gate: Gate::new(options.limits.clone()),
            tokens: Tokens::read(options.tokens.as_deref(), options.token_lines.as_deref())?,
            decisions: options
                .decision_log
                .as_ref()
                .map(|o| DecisionLog::open(o, log.clone()))
                .transpose()?,
            log,
            access,
            shadow: Shadow::start().map_err(|source| ServeError::Start { what: "a thread", source })?,
            stopping: AtomicBool::new(false),
        };
        app.say_models();
        Ok(app)
    }

    /// Looks at the model files; with `all` each is loaded again. What changed is logged and counted.
    pub(crate) fn reload(&self, all: bool) {
        let champion = self.champion_name();
        let changes = self.registry.look(all);
        for problem in &changes.problems {
            self.metrics.failed_reloads.fetch_add(1, Relaxed);
            self.log.warn("model_not_loaded", json!({ "file": problem.file, "why": problem.what }));
        }
        if !changes.loaded.is_empty() || !changes.removed.is_empty() {
            self.metrics.reloads.fetch_add(1, Relaxed);
            self.log.info("models_changed", json!({ "loaded": changes.loaded, "removed": changes.removed }));
        }
        let now = self.champion_name();
        if champion != now {
            self.log.info("champion_changed", json!({ "from": champion, "to": now }));
        }
        if all {
            self.say_models();
        }
    }

    fn champion_name(&self) -> Option<String> {
        let champion = &self.registry.now().chosen.champion;
        champion.as_ref().map(|served| format!("{} ({})", served.full_name(), served.model.checksum()))
    }

    fn say_models(&self) {
        let now = self.registry.now();
        let models: Vec<String> = now.models.iter().map(|served| served.full_name()).collect();
        let champion = now.chosen.champion.as_ref().map(|served| served.full_name());
        let challenger = now.chosen.challenger.as_ref().map(|served| served.full_name());
        self.log.info("models", json!({ "models": models, "champion": champion, "challenger": challenger }));
        for problem in &now.problems {
            self.log.warn("model_not_loaded", json!({ "file": problem.file, "why": problem.what }));
        }
    }
}
