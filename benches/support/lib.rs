//! The common parts of the benchmarks: the table, the contenders, and the packages generated for those of other
//! libraries.
#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    reason = "read by the benchmarks alone, beside this folder"
)]

pub mod callgrind;
pub mod child;
pub mod contenders;
pub mod generated;
pub mod install;
pub mod instructions;
pub mod only;
pub mod own;
pub mod plot;
pub mod senders;
pub mod stub;
pub mod table;
pub mod work;
pub mod workload;
