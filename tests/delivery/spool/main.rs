//! The spool over real processes: operations that were written before a kill are delivered after it, once.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod child;
mod damage;
#[cfg(target_os = "linux")]
mod disk;
mod identity;
mod kills;
mod kinds;
mod programs;
mod restart;
mod tool;
