//! Runs the local server until it is asked to end.

use std::process::ExitCode;

use lexopt::prelude::{Long, Short, ValueExt};
use prefactor_local::{Builder, Server};

const PORT: u16 = 4000;
const HELP: &str = "\
A local Prefactor-compatible server with a trace page.

Usage: prefactor-local [--port N] [--database FILE] [--token T]

  --port N         listen on 127.0.0.1:N (default 4000; 0 takes a free port)
  --database FILE  keep runs in this SQLite file (default: in memory)
  --token T        accept this token only (default: any)
  --help           print this text
  --version        print the version
";

enum Request {
    Serve(Builder),
    Print(String),
}

#[expect(clippy::print_stderr, reason = "a program says on stderr why it ends")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("prefactor-local: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a program says on stdout where it listens")]
fn run() -> Result<(), Box<dyn std::error::Error>> {
    match arguments()? {
        Request::Print(text) => print!("{text}"),
        Request::Serve(builder) => builder.start()?.wait_with(|server| {
            println!("Traces: {}/\n", server.url());
            println!("export PREFACTOR_API_URL={}", server.url());
            println!("export PREFACTOR_API_TOKEN={}", server.token());
            println!("\nPress ctrl-c to stop.");
        }),
    }
    Ok(())
}

fn arguments() -> Result<Request, lexopt::Error> {
    let mut builder = Server::builder().port(PORT);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => builder = builder.port(arguments.value()?.parse()?),
            Long("database") => builder = builder.database(arguments.value()?),
            Long("token") => builder = builder.token(arguments.value()?.string()?),
            Long("help") | Short('h') => return Ok(Request::Print(HELP.to_owned())),
            Long("version") | Short('V') => {
                return Ok(Request::Print(
                    concat!("prefactor-local ", env!("CARGO_PKG_VERSION"), "\n").to_owned(),
                ));
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Request::Serve(builder))
}
