//! The folder of a journal: the names in it, and what becomes of files that are done with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::spool::attempts;
use crate::spool::spare;

/// How names of segments end.
pub(crate) const EXTENSION: &str = "segment";
/// The folder for files that cannot be delivered.
pub(crate) const SET_ASIDE: &str = "set-aside";

pub(crate) fn segment_path(journal: &Path, number: u64) -> PathBuf {
    journal.join(format!("{number:08}.{EXTENSION}"))
}

/// Removes the folder of a journal without segments.
pub(crate) fn remove_folder(journal: &Path) {
    for name in [attempts::FILE, "lock", spare::NAME] {
        let _ = fs::remove_file(journal.join(name));
    }
    let _ = fs::remove_dir(journal);
}

/// Moves a file to a folder that nobody reads, under a name that says its problem.
pub(crate) fn set_aside(path: &Path, why: &str) {
    let names = (path.parent().and_then(Path::file_name), path.file_stem());
    let (Some(journal), Some(segment)) = names else { return };
    let Some(root) = path.parent().and_then(Path::parent) else { return };
    let folder = root.join(SET_ASIDE);
    let _ = make_private(&folder);
    let name = format!("{}-{}.{why}", journal.to_string_lossy(), segment.to_string_lossy());
    let _ = fs::rename(path, folder.join(name));
}

/// Makes a folder that its owner alone may enter.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
