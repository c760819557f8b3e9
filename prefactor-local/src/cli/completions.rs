//! Scripts that complete commands and options in a shell.

use super::Error;

const BASH: &str = "\
complete -o default -W 'serve runs show tail export import terminate token doctor completions --port --database \
--token --open --listen --allow-host --keep-days --keep-mib --silent-minutes --end-hours --url --json --output --limit --agent --help --version' \
prefactor-local";

const ZSH: &str = "\
#compdef prefactor-local
_arguments '1:command:(serve runs show tail export import terminate token doctor completions)' \
'--port[port to listen on]:port' '--database[SQLite file]:file:_files' '--token[token]:token' \
'--open[open the page]' '--listen[address to listen on]:address' '--allow-host[further name]:name' \
'--keep-days[days to keep runs]:days' '--keep-mib[size to keep]:MiB' '--silent-minutes[minutes until a run is silent]:minutes' \
'--end-hours[hours until a silent run is ended]:hours' '--url[server to ask]:url' \
'--json[print JSON]' '--output[file of an export]:file:_files' '--limit[runs to list]:number' \
'--agent[agent of a token]:name' '--help' '--version' '*:file:_files'";

const FISH: &str = "\
complete -c prefactor-local -n __fish_use_subcommand -f -a 'serve runs show tail export import terminate token doctor \
completions'
complete -c prefactor-local -l port -x -d 'port to listen on'
complete -c prefactor-local -l database -r -d 'SQLite file'
complete -c prefactor-local -l token -x -d 'token'
complete -c prefactor-local -l open -d 'open the page'
complete -c prefactor-local -l listen -x -d 'address to listen on'
complete -c prefactor-local -l allow-host -x -d 'further name'
complete -c prefactor-local -l keep-days -x -d 'days to keep runs'
complete -c prefactor-local -l keep-mib -x -d 'size to keep'
complete -c prefactor-local -l silent-minutes -x -d 'minutes until a run is silent'
complete -c prefactor-local -l end-hours -x -d 'hours until a silent run is ended'
complete -c prefactor-local -l url -x -d 'server to ask'
complete -c prefactor-local -l json -d 'print JSON'
complete -c prefactor-local -l output -r -d 'file of an export'
complete -c prefactor-local -l limit -x -d 'runs to list'
complete -c prefactor-local -l agent -x -d 'agent of a token'
complete -c prefactor-local -l help
complete -c prefactor-local -l version";

pub(super) fn of(shell: &str) -> Result<&'static str, Error> {
    match shell {
        "bash" => Ok(BASH),
        "zsh" => Ok(ZSH),
        "fish" => Ok(FISH),
        _ => Err(format!("there are no completions for {shell:?}: use bash, zsh or fish").into()),
    }
}
