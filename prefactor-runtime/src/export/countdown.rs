//! An answer to a flush or a shutdown that waits for the delivery and for every processor.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::AcqRel, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::types::stats::FlushReport;

/// The caller that asked for the report.
pub(crate) type Reply = Box<dyn FnOnce(FlushReport) + Send>;

/// Calls the reply once, when the delivery and each processor are done.
pub(crate) struct Countdown {
    remaining: AtomicUsize,
    is_complete: AtomicBool,
    /// Written by the worker when the delivery is done, read by whoever is last.
    report: Mutex<Option<(FlushReport, Reply)>>,
}

impl Countdown {
    /// One that waits for the delivery and so many processors.
    pub(crate) fn new(processors: usize) -> Arc<Self> {
        Arc::new(Self {
            remaining: AtomicUsize::new(processors + 1),
            is_complete: AtomicBool::new(true),
            report: Mutex::new(None),
        })
    }

    /// The delivery is done.
    pub(crate) fn delivered(&self, report: FlushReport, reply: Reply) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some((report, reply));
        self.done(true);
    }

    /// One of them is done, with everything or not.
    pub(crate) fn done(&self, is_complete: bool) {
        self.is_complete.fetch_and(is_complete, Relaxed);
        if self.remaining.fetch_sub(1, AcqRel) == 1 {
            let ready = self.report.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some((mut report, reply)) = ready {
                report.is_complete &= self.is_complete.load(Relaxed);
                reply(report);
            }
        }
    }
}
