//! Settings of the spool.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// When written records of the spool are synced to the medium.
///
/// With any of these, written records survive the end of the process, however it ends. They differ in the records that a power cut
/// or a crash of the operating system can destroy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// Before anything of a batch is sent. A power cut destroys the spans of the last few milliseconds. The delivery
    /// thread waits for the disk each time.
    EveryBatch,
    /// This long after the last sync, beside the delivery thread. A power cut destroys the records since then. The default, with
    /// 500 ms.
    Every(Duration),
    /// When the operating system sees fit, which can be half a minute later.
    Never,
}

impl Default for Fsync {
    fn default() -> Self {
        Self::Every(Duration::from_millis(500))
    }
}

/// Where and how spans are kept on disk until they are delivered: see [`spool`](crate::ClientBuilder::spool).
///
/// # Examples
///
/// ```no_run
/// use prefactor::{Client, Fsync, SpoolOptions};
///
/// let spool = SpoolOptions::new("/var/spool/researcher").fsync(Fsync::EveryBatch).max_bytes(256 << 20);
/// let _prefactor = Client::builder().spool(spool).install()?;
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "pass it to ClientBuilder::spool"]
pub struct SpoolOptions {
    pub(crate) path: PathBuf,
    pub(crate) fsync: Fsync,
    pub(crate) max_bytes: u64,
}

impl SpoolOptions {
    /// A spool in that directory, which is made if it is not there. Several processes may share it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), fsync: Fsync::default(), max_bytes: 1 << 30 }
    }

    /// When written records are synced to the medium. Default: 500 ms after the last sync.
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    /// The largest size of the directory, in bytes. Default: 1 GiB. When it is full, new spans are kept in memory alone, and
    /// counted as [`unspooled`](crate::Stats::unspooled); nothing that is on disk is given up.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl From<PathBuf> for SpoolOptions {
    fn from(path: PathBuf) -> Self {
        Self::new(path)
    }
}

impl From<&Path> for SpoolOptions {
    fn from(path: &Path) -> Self {
        Self::new(path)
    }
}

impl From<&str> for SpoolOptions {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl From<String> for SpoolOptions {
    fn from(path: String) -> Self {
        Self::new(path)
    }
}
