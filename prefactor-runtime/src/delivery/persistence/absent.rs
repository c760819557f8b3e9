//! Stands in for the spool in builds without it.

use std::future::pending;
use std::time::Instant;

use crate::delivery::core::machine::Core;
use crate::delivery::queue::shards::Reply;
use crate::operation::Operation;
use crate::types::stats::FlushReport;
use crate::types::status::InstanceStatus;

pub(super) struct Persistence;

pub(super) enum Ended {}

#[expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "as with the spool"
)]
impl Persistence {
    pub(super) fn begin(&self, _: &mut Core) {}

    pub(super) fn take(&mut self, mut operation: Operation, weight: usize, core: &mut Core) {
        core.complete(&mut operation);
        core.queued_operation(operation, weight, None);
    }

    pub(super) fn commit(&mut self, _: &mut Core) {}

    pub(super) fn flush(&mut self, _: Instant, reply: Reply, _: &mut Core) -> Option<Reply> {
        Some(reply)
    }

    pub(super) fn close(&mut self, _: Instant, _: InstanceStatus, _: &mut Core) {}

    pub(super) fn note(&mut self, _: &mut Core) {}

    pub(super) fn advance(&mut self, _: &mut Core, _: Option<u32>) -> bool {
        false
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        None
    }

    pub(super) async fn ended(&mut self) -> Ended {
        pending().await
    }

    pub(super) fn on_ended(&mut self, ended: Ended) {
        match ended {}
    }

    pub(super) fn recover(&mut self, _: &mut Core) {}

    #[expect(clippy::unused_async, reason = "as with the spool")]
    pub(super) async fn last_sync(&mut self) {}

    pub(super) fn complete(&self, _: &mut FlushReport) {}

    pub(super) fn end(&mut self, _: &mut Core) {}
}
