//! The bodies of records: operations with their payloads rendered and redacted, and notes about their delivery.
//!
//! Numbers have their least byte first; texts are behind their length, or reach to the end of the record. `docs/spool.md`
//! lists the fields.

pub(crate) mod kind;

mod fields;
mod marks;
mod operations;
mod reading;
mod words;

pub(crate) use marks::{append_marks, put_open_span, put_run};
pub(crate) use operations::{kind_of, put_operation, put_register, put_rendered};
pub(crate) use reading::{Record, read};
