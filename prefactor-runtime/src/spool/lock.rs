//! The lock of a journal, which ends with its process, however that ends.
//!
//! On Unix it is a POSIX record lock: a forked process does not inherit it, as it would an `flock`. Within a process such locks
//! exclude nobody, and closing any descriptor of the file lets go of them, so that a table tells which journals are held here.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::platform::fork;

/// The file in the folder of a journal.
const FILE: &str = "lock";

/// The journals held by this process. One table for each of some generations of forks: a forked process holds none, and could
/// find the table of the one it comes from locked for ever.
static HELD: [Mutex<BTreeSet<PathBuf>>; 8] = [const { Mutex::new(BTreeSet::new()) }; 8];

/// A lock that is held.
#[derive(Debug)]
pub(crate) struct Lock {
    journal: PathBuf,
    /// `None` once it is closed.
    file: Option<File>,
}

impl Lock {
    /// Takes the lock of a new journal.
    pub(crate) fn create(journal: &Path) -> io::Result<Option<Self>> {
        Self::take(journal, system::create)
    }

    /// Takes the lock of a journal that is there, unless somebody holds it.
    pub(crate) fn try_take(journal: &Path) -> io::Result<Option<Self>> {
        Self::take(journal, system::open)
    }

    fn take(
        journal: &Path,
        open: impl FnOnce(&Path) -> io::Result<Option<File>>,
    ) -> io::Result<Option<Self>> {
        let mut held = held();
        if held.contains(journal) {
            return Ok(None);
        }
        let Some(file) = open(&journal.join(FILE))? else { return Ok(None) };
        held.insert(journal.to_owned());
        Ok(Some(Self { journal: journal.to_owned(), file: Some(file) }))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let mut held = held();
        // Closes the file under the table's lock: closed later, it would release the lock of the journal's next holder.
        drop(self.file.take());
        held.remove(&self.journal);
    }
}

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    HELD[fork::generation() as usize % HELD.len()].lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::path::Path;

    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;

    pub(super) fn create(path: &Path) -> io::Result<Option<File>> {
        let mut options = File::options();
        lock(options.write(true).create_new(true).mode(0o600).open(path)?)
    }

    pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
        lock(File::options().write(true).custom_flags(libc::O_NOFOLLOW).open(path)?)
    }

    fn lock(file: File) -> io::Result<Option<File>> {
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file that is opened for one process alone.
#[cfg(windows)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::OpenOptionsExt as _;
    use std::path::Path;

    const ERROR_SHARING_VIOLATION: i32 = 32;

    pub(super) fn create(path: &Path) -> io::Result<Option<File>> {
        File::options().write(true).create_new(true).share_mode(0).open(path).map(Some)
    }

    pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
        match File::options().write(true).share_mode(0).open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
