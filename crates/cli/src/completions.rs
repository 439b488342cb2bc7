//! `arrears completions`: a script for the shell.

use crate::exit::Outcome;
use crate::{Cli, show};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  arrears completions bash > ~/.local/share/bash-completion/completions/arrears
  arrears completions zsh > \"${fpath[1]}/_arrears\"")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "arrears", &mut script);
    show::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
