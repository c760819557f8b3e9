//! The directory of a spool: its journals and their owners.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform::random;
use crate::spool::folder::EXTENSION;
use crate::spool::spare;

/// Makes the directory, if it is not there, and looks whether it is ours.
pub(crate) fn prepare(root: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(root)?;
    check_owner(root)
}

#[cfg(unix)]
fn check_owner(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = fs::metadata(root)?.uid();
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "the directory belongs to another user"))
}

#[cfg(not(unix))]
fn check_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A name for a new journal, by which they sort by their age.
pub(crate) fn new_journal(root: &Path, unix_millis: u64) -> PathBuf {
    root.join(format!("{unix_millis:013}-{}-{:016x}", std::process::id(), random::bits().0))
}

/// Whether a folder has the name of a journal. Other entries of the directory are not the spool's, and are not touched.
fn is_journal(name: &OsStr) -> bool {
    let parts: Vec<_> = name.to_str().unwrap_or_default().split('-').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_random = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(parts[..], [millis, pid, random] if millis.len() >= 13 && is_number(millis) && is_number(pid) && is_random(random))
}

/// The journals, the oldest first.
pub(crate) fn journals(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if is_journal(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The segments of a journal by their numbers, with their lengths.
pub(crate) fn segments(journal: &Path) -> io::Result<Vec<(u64, u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(journal)? {
        let entry = entry?;
        let path = entry.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        if let (Some(number), true, Ok(metadata)) = (number, is_segment, fs::symlink_metadata(&path)) {
            if metadata.is_file() {
                found.push((number, metadata.len(), path));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Bytes of all segments, and of the files that are kept for others.
pub(crate) fn bytes(root: &Path) -> u64 {
    let journals = journals(root).unwrap_or_default();
    let segments = journals.iter().filter_map(|journal| segments(journal).ok()).flatten();
    let spare = journals.iter().filter_map(|journal| fs::symlink_metadata(journal.join(spare::NAME)).ok());
    segments.map(|(_, bytes, _)| bytes).chain(spare.map(|metadata| metadata.len())).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn folder_of_somebody_else_is_no_journal() {
        let own = new_journal(Path::new("/"), 7);
        assert!(is_journal(own.file_name().unwrap()), "{}", own.display());
        for name in
            ["set-aside", "cache", "1795973359750-30451-", "1795973359750-30451-69612e3120b5dfgz", "", "--"]
        {
            assert!(!is_journal(OsStr::new(name)), "{name}");
        }
    }
}
