//! How a command ends: exit code, and the error as people read it.

use crate::show;
use arrears_data::DataError;
use arrears_serve::ServeError;
use arrears_train::TrainError;
use std::io;
use std::process::ExitCode;

/// How a command ended that could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1.
    CheckFailed,
}

/// The exit code; an error is printed and gives 2. When the reader of standard output has gone away, as in
/// `arrears ... | head`, the command ends quietly with 0.
pub(crate) fn code(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::CheckFailed) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&chain(&error), help(&error).as_deref());
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// The error and its causes, each once: many messages already hold their cause.
fn chain(error: &anyhow::Error) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if !lines.iter().any(|line| line.contains(&cause)) {
            lines.push(cause);
        }
    }
    lines
}

/// What to do next, where the error alone does not say it in terms of the command line.
fn help(error: &anyhow::Error) -> Option<String> {
    let help = match error.chain().find_map(|cause| cause.downcast_ref::<ServeError>()) {
        Some(ServeError::ModelFile { .. }) => {
            "MODEL is a model.json or its folder, as `arrears train` writes it"
        }
        Some(ServeError::NotAModel { .. }) => {
            "MODEL stands before DATA; it is a model.json or its folder, as `arrears train` writes it"
        }
        Some(ServeError::Model { .. }) => "fetch the model again, or make it again with `arrears train`",
        Some(ServeError::MissingColumns { .. }) => {
            "`arrears inspect MODEL` shows the columns a model reads; a column without values may be empty"
        }
        Some(ServeError::NoIdColumn { .. } | ServeError::IdName { .. } | ServeError::NoIds { .. }) => {
            "name the column of ids with --id"
        }
        Some(ServeError::SameFile { .. }) => "name another file with -o or --rejects",
        _ => match data_error(error)? {
            DataError::UnknownFormat { .. } => "rename the file, or name its format (see --help)",
            DataError::Open { .. } => "check the name and the folder",
            _ => return None,
        },
    };
    Some(help.to_owned())
}

/// The data error at the bottom: some errors pass it on as it is, which hides it from the chain.
fn data_error(error: &anyhow::Error) -> Option<&DataError> {
    error.chain().find_map(|cause| {
        let serve = cause.downcast_ref::<ServeError>().and_then(|e| match e {
            ServeError::Data(data) => Some(data),
            _ => None,
        });
        let train = cause.downcast_ref::<TrainError>().and_then(|e| match e {
            TrainError::Data(data) => Some(data),
            _ => None,
        });
        cause.downcast_ref::<DataError>().or(serve).or(train)
    })
}
