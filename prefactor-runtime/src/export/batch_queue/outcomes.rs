//! Decides what becomes of a batch after its outcome: settled, divided, or sent again.

use std::time::{Duration, Instant};

use tokio::task::{Id, JoinError};

use crate::export::batch_queue::queue::BatchQueue;
use crate::export::exporter::{ExportOutcome, Kind};
use crate::export::health::Health;
use crate::export::parcel::{Item, Parcel};
use crate::platform::internal_log::{self, ExportFault, FaultKind};
use crate::platform::random;
use crate::types::stats::DropReason;

/// Requests that the halves of one batch may take, so that a destination which refuses everything is not asked once a span.
const MAX_DIVISIONS: u8 = 6;

impl BatchQueue {
    pub(super) fn ended(&mut self, ended: Result<(Id, ExportOutcome), JoinError>) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(error) => (error.id(), None),
        };
        let Some(parcel) = self.in_flight.remove(&id) else { return };
        let Some(outcome) = outcome else {
            self.log(ExportFault::Panicked, "panicked: the batch is dropped and counted");
            return self.settle(parcel.items, Some(DropReason::ProcessorPanicked));
        };
        self.decide(parcel, &outcome);
    }

    fn decide(&mut self, mut parcel: Parcel, outcome: &ExportOutcome) {
        let now = Instant::now();
        match outcome.kind {
            Kind::Accepted { rejected } => {
                self.backoff.success(parcel.retry_epoch);
                self.accepted += 1;
                self.shared.health.set(Health::Working);
                if rejected > 0 {
                    self.log(
                        ExportFault::Refused,
                        &format!("{rejected} spans of a batch were refused ({})", outcome.cause),
                    );
                }
                self.settle_partly(parcel.items, rejected);
            }
            Kind::Retry { after } => {
                parcel.is_in_doubt = false;
                self.failed(parcel, now, after, &outcome.cause);
            }
            Kind::Unanswered => {
                parcel.is_in_doubt = true;
                self.failed(parcel, now, None, &outcome.cause);
            }
            Kind::Rejected(reason) => {
                self.shared.health.set(Health::Failing);
                self.log(ExportFault::Refused, &format!("a batch was refused ({})", outcome.cause));
                if reason == DropReason::Auth {
                    self.backoff.failure(parcel.retry_epoch, now, None, random::fraction());
                } else {
                    self.backoff.success(parcel.retry_epoch);
                }
                self.settle(parcel.items, Some(reason));
            }
            Kind::Divide(reason) => {
                self.backoff.success(parcel.retry_epoch);
                let spans =
                    parcel.items.iter().filter(|pending| matches!(pending.item, Item::Span(_))).count();
                if spans <= 1 || parcel.divisions >= MAX_DIVISIONS {
                    self.shared.health.set(Health::Failing);
                    self.log(ExportFault::Refused, &format!("spans were refused ({})", outcome.cause));
                    return self.settle(parcel.items, Some(reason));
                }
                let second = parcel.items.split_off(parcel.items.len() / 2);
                for items in [second, parcel.items] {
                    self.again.push_front(Parcel::new(items, parcel.divisions + 1));
                }
            }
        }
    }

    fn failed(&mut self, mut parcel: Parcel, now: Instant, after: Option<Duration>, cause: &str) {
        self.shared.health.set(Health::Failing);
        if parcel.fail(self.accepted) {
            self.backoff.success(self.backoff.epoch());
            self.log(
                ExportFault::Refused,
                &format!(
                    "a batch was refused again and again while others were accepted: it is given up ({cause})"
                ),
            );
            return if parcel.is_in_doubt {
                self.settle_unknown(parcel.items);
            } else {
                self.settle(parcel.items, Some(DropReason::Rejected));
            };
        }
        self.backoff.failure(parcel.retry_epoch, now, after, random::fraction());
        self.log(ExportFault::Unreachable, &format!("a batch did not arrive, and is sent again ({cause})"));
        self.again.push_back(parcel);
    }

    fn log(&self, fault: ExportFault, text: &str) {
        let name = self.exporter.name();
        internal_log::log_rate_limited(
            FaultKind::Exporter(name, fault),
            &format!("the exporter {name}: {text}"),
        );
    }
}
