//! Keeps a second server away from a database file.
//!
//! SQLite itself lets several processes write one file in turn. Two servers on one file would each keep
//! their own idea of the account and of what to clean up, so the second is refused. The lock is on a file
//! beside the database: the operating system lets go of it however the process ends, and locking the
//! database itself would collide with SQLite's own locks.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Held as long as this exists. The file stays: removing it would let two processes lock two files of one name.
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
    /// Replaces what the file says by the address of the server that holds it.
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

/// Has a new file be readable by its owner only: it holds what agents read and wrote.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}
