//! A model check of the queue: loom runs each test under every order of the threads' steps.
//!
//! `.ci/run loom` runs it.

use std::collections::VecDeque;
use std::sync::Arc;

use loom::future::block_on;
use loom::thread::{self, JoinHandle};

use super::channel;
use super::receiver::Receiver;
use super::sender::Sender;
use super::shards::{Message, SHARDS};
use super::sync::OWN_SHARD;
use crate::config::settings::QueueLimits;
use crate::operation::{InstanceKey, Operation};
use crate::platform::clock::Timestamp;
use crate::types::stats::DropReason;

const LIMITS: QueueLimits = QueueLimits { operations: 100, bytes: 1 << 20 };

/// In words. Loom's default of 32 KiB is too little for code that is not optimised.
const STACK: usize = 1 << 15;

fn model(test: fn()) {
    loom::model(move || spawn(test).join().unwrap());
}

fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::Builder::new().stack_size(STACK).spawn(body).unwrap()
}

/// Pushes a message into the shard of its number.
fn push(sender: &Sender, number: u64) -> Result<(), DropReason> {
    OWN_SHARD.with(|own| own.set(usize::try_from(number).unwrap() % SHARDS));
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
fn parked_worker_is_woken_for_every_message() {
    model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let sender = Arc::new(sender);
        let threads = [1, 2].map(|number| {
            let sender = Arc::clone(&sender);
            spawn(move || push(&sender, number).unwrap())
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
    model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = spawn(move || {
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

/// The end of a span comes behind its start, and a parked worker is woken for both.
#[test]
fn message_that_follows_another_comes_after_it() {
    model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let operation =
            |number| Operation::StartInstance { instance: InstanceKey(number), at: Timestamp::now() };
        let thread = spawn(move || {
            push(&sender, 2).unwrap();
            OWN_SHARD.with(|own| own.set(1));
            let start = sender.offer(&[], || operation(3)).unwrap();
            sender.push_after(start, &[], || operation(4)).unwrap();
            OWN_SHARD.with(|own| own.set(0));
            sender.push_after(start, &[], || operation(5)).unwrap();
            sender
        });
        let mut received = Vec::new();
        while received.len() < 4 {
            block_on(receiver.wait());
            received.extend(receive(&mut receiver));
        }
        assert_eq!(received, [2, 3, 4, 5]);
        drop(thread.join().unwrap());
    });
}

/// A message is received, or its sender is told that it was refused: never neither.
#[test]
fn message_beside_the_close_is_received_or_refused() {
    model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = spawn(move || (push(&sender, 1), sender));
        receiver.close();
        let received = receive(&mut receiver);
        let (pushed, _sender) = thread.join().unwrap();
        assert_eq!(received.len(), usize::from(pushed.is_ok()));
    });
}

#[test]
fn last_sender_wakes_a_parked_worker() {
    model(|| {
        let (sender, mut receiver) = channel(LIMITS);
        let thread = spawn(move || drop(sender));
        while !receiver.is_orphaned() {
            block_on(receiver.wait());
        }
        thread.join().unwrap();
    });
}
