//! `serve`: starts the server and prints its addresses.

use prefactor_local::Server;
use serde_json::json;

use super::{
    Error,
    arguments::{Arguments, Options},
    browser,
    output::{say, say_json},
    progress::Progress,
};

pub(super) fn serve(arguments: Arguments) -> Result<(), Error> {
    let Arguments { options, builder, .. } = arguments;
    let mut said = Ok(());
    let mut progress = Progress::new();
    if let Some(file) = &options.database {
        progress.draw(|| format!("opening {}", file.display()));
    }
    let server = builder.start();
    drop(progress);
    server?.wait_with(|server| {
        said = announce(server, &options);
        if options.open {
            browser::open(&[server.url(), "/"].concat());
        }
    });
    said
}

fn announce(server: &Server, options: &Options) -> Result<(), Error> {
    let account = server.account();
    if options.json {
        return say_json(&json!({
            "url": server.url(),
            "page_url": server.page_url(),
            "token": server.token(),
            "account_id": account.account_id,
            "environment_id": account.environment_id,
            "agent_id": account.agent_id,
        }));
    }
    say(["Traces: ", &server.page_url(), "\n"].concat())?;
    say(["export PREFACTOR_API_URL=", server.url()].concat())?;
    say(["export PREFACTOR_API_TOKEN=", server.token()].concat())?;
    say("\n# Clients that ask for the identifiers of an account-wide token take these:")?;
    say(["# export PREFACTOR_ENVIRONMENT_ID=", account.environment_id].concat())?;
    say(["# export PREFACTOR_AGENT_ID=", account.agent_id].concat())?;
    say("\nPress ctrl-c to stop.")
}
