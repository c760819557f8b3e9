//! Keeps a second server away from a database file.
//!
//! SQLite lets several processes write one file in turn. Two servers on one file would each keep their own copy of the
//! account and delete each other's rows, so the second is refused. The lock is on a file beside the database. The
//! operating system releases it however the process ends, and a lock on the database itself would collide with SQLite's
//! own.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The lock, held as long as this exists. The file stays: without it, two processes could lock two files of one name.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of a database file; `None` if another server, in this process or in another, has it.
    pub(super) fn take(database: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        owner_only(&mut options);
        let file = options.open(path(database))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some network file systems have no locks; SQLite's own locks still protect the file there.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Some(Self { file }))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Lock {
    /// Replaces the file's text by the URL of the server that holds it.
    pub(super) fn announce(&self, url: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        writeln!(&self.file, "{url}")
    }
}

fn path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-lock");
    name.into()
}

/// Makes a new file readable by its owner only, because it holds what agents read and wrote.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}
