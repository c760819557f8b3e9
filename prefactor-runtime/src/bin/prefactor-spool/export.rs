//! `export`: prints the spool's spans as JSON Lines.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use prefactor_runtime::spool_tool::{self, SpoolSummary};

use crate::Error;
use crate::inspect::unreadable;
use crate::output::{complain, count, name};
use crate::progress::Bar;

pub(crate) fn export(directory: &Path, output: Option<&Path>) -> Result<ExitCode, Error> {
    let spool = SpoolSummary::read(directory).map_err(|error| unreadable(directory, &error))?;
    let mut out: Box<dyn Write> = match output {
        Some(file) => Box::new(File::create(file).map_err(|error| {
            format!("{} cannot be written ({error}): name a file in a folder that is there", file.display())
        })?),
        None => Box::new(io::stdout()),
    };
    let all = spool.journals.iter().map(|journal| journal.spans).sum();
    let (mut bar, mut done, mut without_start, mut code) = (Bar::new("exported"), 0, 0, ExitCode::SUCCESS);
    for (path, error) in &spool.unreadable {
        complain(&format!("{} cannot be read ({error}): run this as the user who wrote it", name(path)));
        code = ExitCode::FAILURE;
    }
    for journal in &spool.journals {
        if journal.unreadable > 0 {
            let files = count(journal.unreadable, "file");
            complain(&format!(
                "{} has {files} that cannot be read and are not exported",
                name(&journal.path)
            ));
            code = ExitCode::FAILURE;
        }
        let exported = spool_tool::export(&journal.path, &mut *out, &mut |spans| bar.show(done + spans, all));
        match exported {
            Ok(exported) => {
                done += exported.spans;
                without_start += exported.without_start;
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                complain(&format!("{}: {error}", name(&journal.path)));
                code = ExitCode::FAILURE;
            }
        }
    }
    bar.end();
    if without_start > 0 {
        let spans = count(without_start, "span");
        complain(&format!(
            "{spans} have no line, because their starts were delivered before; deliver sends their ends"
        ));
    }
    Ok(code)
}
