//! A model check of the queue: loom runs each test under every order of the threads' steps.
//!
//! `RUSTFLAGS="--cfg prefactor_loom" LOOM_MAX_PREEMPTIONS=3 cargo test -p prefactor-runtime --release --features enabled --lib loom`

use std::collections::VecDeque;
use std::sync::Arc;

use loom::future::block_on;
use loom::thread;

use super::channel;
use super::receiver::Receiver;
use super::sender::Sender;
use super::shards::Message;
use crate::config::settings::QueueLimits;
use crate::operation::{InstanceKey, Operation};
use crate::platform::clock::Timestamp;
use crate::types::stats::DropReason;

const LIMITS: QueueLimits = QueueLimits { operations: 100, bytes: 1 << 20 };

fn push(sender: &Sender, number: u64) -> Result<(), DropReason> {
    sender.push(&[], || Operation::StartInstance { instance: InstanceKey(number), at: Timestamp::now() })
}

fn receive(receiver: &mut Receiver) -> Vec<u64> {
    let mut messages = VecDeque::new();
    while receiver.recv_many(8, &mut messages) > 0 {}
    let numbers = messages.into_iter().filter_map(|message| match message {
        Message::Operation(Operation::StartInstance { instance, .. }) => Some(instance.0),
        _ => None,
    });
    numbers.collect()
}

/// The worker parks, two threads send: a wake-up that got lost would leave it parked for ever, which loom reports.
#[test]
fn a_parked_worker_is_woken_for_every_message() {
    loom::model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let sender = Arc::new(sender);
        let threads = [1, 2].map(|number| {
            let sender = Arc::clone(&sender);
            thread::spawn(move || push(&sender, number).unwrap())
        });
        let mut received = Vec::new();
        while received.len() < 2 {
            block_on(receiver.wait());
            received.extend(receive(&mut receiver));
        }
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn messages_of_one_thread_keep_their_order() {
    loom::model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = thread::spawn(move || {
            push(&sender, 1).unwrap();
            push(&sender, 2).unwrap();
            sender
        });
        let mut received = Vec::new();
        while received.len() < 2 {
            block_on(receiver.wait());
            received.extend(receive(&mut receiver));
        }
        assert_eq!(received, [1, 2]);
        drop(thread.join().unwrap());
    });
}

/// A message is received, or its sender is told that it was refused: never neither.
#[test]
fn a_message_beside_the_close_is_received_or_refused() {
    loom::model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = thread::spawn(move || (push(&sender, 1), sender));
        receiver.close();
        let received = receive(&mut receiver);
        let (pushed, _sender) = thread.join().unwrap();
        assert_eq!(received.len(), usize::from(pushed.is_ok()));
    });
}

#[test]
fn the_last_sender_wakes_a_parked_worker() {
    loom::model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = thread::spawn(move || drop(sender));
        while !receiver.is_orphaned() {
            block_on(receiver.wait());
        }
        thread.join().unwrap();
    });
}
