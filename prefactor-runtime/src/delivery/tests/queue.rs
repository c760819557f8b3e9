//! The queue between real threads.

#![expect(clippy::cast_possible_truncation, reason = "the numbers are small")]

use std::collections::{HashSet, VecDeque};
use std::sync::Barrier;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{Duration, Instant, timeout};

use super::sim::{INSTANCE, start};
use crate::config::settings::QueueLimits;
use crate::delivery::queue::channel;
use crate::delivery::queue::receiver::{IDLE_AFTER, Receiver};
use crate::delivery::queue::sender::Sender;
use crate::delivery::queue::shards::Message;
use crate::operation::{InstanceKey, Operation};
use crate::payload::{MAX_SHARED, Payload};
use crate::platform::clock::Timestamp;
use crate::types::stats::DropReason;

const NO_LIMITS: QueueLimits = QueueLimits { operations: usize::MAX, bytes: usize::MAX };

/// An operation that carries two numbers.
fn leave(queue: &Sender, thread: u64, number: u64) {
    let key = InstanceKey(thread << 32 | number);
    queue.push(&[], || Operation::StartInstance { instance: key, at: Timestamp::now() }).unwrap();
}

fn taken(receiver: &mut Receiver, max: usize) -> Vec<(u64, u64)> {
    let mut messages = VecDeque::new();
    receiver.recv_many(max, &mut messages);
    let numbers = messages.into_iter().filter_map(|message| match message {
        Message::Operation(Operation::StartInstance { instance, .. }) => Some(instance.0),
        _ => None,
    });
    numbers.map(|number| (number >> 32, number & u64::from(u32::MAX))).collect()
}

#[test]
fn message_pushed_after_another_thread_s_comes_after_it() {
    const THREADS: u64 = 40;
    const ROUNDS: u64 = 200;
    let (queue, mut receiver) = channel(NO_LIMITS);
    let turns: Vec<Barrier> = (0..=THREADS).map(|_| Barrier::new(2)).collect();
    let mut all = Vec::new();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (queue, turns) = (&queue, &turns);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    turns[thread as usize].wait();
                    leave(queue, thread, round);
                    turns[thread as usize + 1].wait();
                }
            });
        }
        let turns = &turns;
        let pacer = scope.spawn(move || {
            for _ in 0..ROUNDS {
                turns[0].wait();
                turns[THREADS as usize].wait();
            }
        });
        while !pacer.is_finished() {
            all.extend(taken(&mut receiver, 7));
        }
    });
    while all.len() < (THREADS * ROUNDS) as usize {
        all.extend(taken(&mut receiver, 1_000));
    }
    let expected: Vec<_> =
        (0..ROUNDS).flat_map(|round| (0..THREADS).map(move |thread| (thread, round))).collect();
    assert_eq!(all, expected);
}

/// The end of a span may be left by another thread than its start was.
#[test]
fn message_that_follows_another_comes_after_it_from_any_thread() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    let operation = |number| Operation::StartInstance { instance: InstanceKey(number), at: Timestamp::now() };
    let elsewhere = |leave: &(dyn Fn() + Sync)| thread::scope(|scope| drop(scope.spawn(leave).join()));
    // Which message there is in the shard of the one that follows.
    for is_there in ["none", "one from before", "one from later"] {
        if is_there == "one from before" {
            leave(&queue, 0, 0);
        }
        let start = std::sync::atomic::AtomicU64::new(0);
        elsewhere(&|| start.store(queue.offer(&[1; 100], || operation(1)).unwrap(), SeqCst));
        if is_there == "one from later" {
            leave(&queue, 0, 2);
        }
        queue.push_after(start.into_inner(), &[2; 200], || operation(3)).unwrap();
        let expected: &[_] = match is_there {
            "none" => &[(0, 1), (0, 3)],
            "one from before" => &[(0, 0), (0, 1), (0, 3)],
            _ => &[(0, 1), (0, 2), (0, 3)],
        };
        assert_eq!(taken(&mut receiver, 10), expected, "{is_there}");
        assert!(taken(&mut receiver, 10).is_empty());
    }
    let usage = receiver.usage();
    let weight = |messages: usize, bytes| messages * Payload::weight_of(0) + bytes;
    assert_eq!(usage.reading(), (8, weight(8, 3 * 300)));
}

#[test]
fn messages_of_threads_at_once_arrive_exactly_once() {
    const THREADS: u64 = 8;
    const EACH: u64 = 5_000;
    let (queue, mut receiver) = channel(NO_LIMITS);
    let mut all = Vec::new();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let queue = &queue;
            scope.spawn(move || (0..EACH).for_each(|number| leave(queue, thread, number)));
        }
        while all.len() < (THREADS * EACH) as usize {
            all.extend(taken(&mut receiver, 512));
        }
    });
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    for thread in 0..THREADS {
        let own = all.iter().filter(|(of, _)| *of == thread).map(|(_, number)| *number);
        assert!(own.is_sorted(), "of thread {thread}");
    }
}

#[test]
fn payloads_are_those_that_were_left_in_batches_of_any_size() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    let tape = |number: usize| vec![number as u8; number * 977 % (MAX_SHARED / 3)];
    for round in 0..3 {
        let tapes: Vec<_> = (0..100).map(|number| tape(round * 100 + number)).collect();
        for tape in &tapes {
            queue.offer(tape, || Operation::StartSpan(start(INSTANCE, 0, None)).map_payload(drop)).unwrap();
        }
        let mut messages = VecDeque::new();
        while messages.len() < tapes.len() {
            receiver.recv_many(usize::MAX, &mut messages);
        }
        for (message, tape) in messages.into_iter().zip(tapes) {
            let Message::Operation(Operation::StartSpan(start)) = message else { panic!("a start") };
            assert_eq!(start.payload.tape(), tape);
        }
    }
}

#[test]
fn payload_that_is_held_does_not_keep_those_that_it_came_with() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    for bytes in [1, 4 << 10, MAX_SHARED / 3, MAX_SHARED, MAX_SHARED + 1] {
        for _ in 0..6 {
            queue
                .offer(&vec![0; bytes], || Operation::StartSpan(start(INSTANCE, 0, None)).map_payload(drop))
                .unwrap();
        }
        let mut messages = VecDeque::new();
        receiver.recv_many(usize::MAX, &mut messages);
        for message in &mut messages {
            let Message::Operation(Operation::StartSpan(start)) = message else { panic!("a start") };
            let before = start.payload.tape().as_ptr();
            start.payload.detach();
            let is_where_it_was = start.payload.tape().as_ptr() == before;
            assert_eq!(is_where_it_was, bytes > MAX_SHARED, "{bytes}");
        }
    }
}

#[test]
fn full_queue_takes_more_when_something_is_settled_and_a_closed_one_nothing() {
    let (queue, mut receiver) = channel(QueueLimits { operations: 2, bytes: 1 << 20 });
    let offer = |bytes: usize| {
        let instance = InstanceKey(0);
        let start = || Operation::StartInstance { instance, at: Timestamp::now() };
        queue.offer(&vec![0; bytes], start).map(drop)
    };
    assert_eq!(offer(1 << 21), Err(DropReason::QueueFull));
    assert_eq!([offer(1), offer(1), offer(1)], [Ok(()), Ok(()), Err(DropReason::QueueFull)]);
    assert_eq!(taken(&mut receiver, 10).len(), 2);
    assert_eq!(offer(1), Err(DropReason::QueueFull), "taken is not settled");
    receiver.usage().release(Payload::weight_of(1));
    assert_eq!([offer(1), offer(1)], [Ok(()), Err(DropReason::QueueFull)]);
    drop(receiver);
    assert_eq!(offer(1), Err(DropReason::WorkerLost));
}

/// Its time flies while it waits.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn worker_that_polls_is_not_woken() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    runtime().block_on(async {
        for number in 0..3 {
            leave(&queue, 0, number);
            receiver.wait().await;
            assert_eq!(taken(&mut receiver, 10), [(0, number)]);
            assert!(timeout(IDLE_AFTER / 2, receiver.wait()).await.is_err());
            assert!(!receiver.is_parked(), "it looks by itself");
        }
        assert!(timeout(IDLE_AFTER, receiver.wait()).await.is_err());
        assert!(receiver.is_parked(), "it sleeps");
    });
}

#[test]
fn worker_to_which_nothing_comes_looks_ever_less_often_and_is_woken_by_whoever_fills_a_batch() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    runtime().block_on(async {
        for (bytes, is_woken) in [(1, false), (MAX_SHARED / 2, true)] {
            leave(&queue, 0, 0);
            receiver.wait().await;
            taken(&mut receiver, 10);
            assert!(timeout(IDLE_AFTER / 2, receiver.wait()).await.is_err());
            let begin = Instant::now();
            tokio::join!(receiver.wait(), async {
                for _ in 0..3 {
                    queue
                        .offer(&vec![0; bytes], || {
                            Operation::StartSpan(start(INSTANCE, 0, None)).map_payload(drop)
                        })
                        .unwrap();
                }
            });
            assert_eq!(begin.elapsed().is_zero(), is_woken, "{bytes}");
            taken(&mut receiver, 10);
        }
    });
}

#[test]
fn message_with_a_waiting_caller_comes_at_once() {
    let asks: [fn(&Sender); 2] =
        [|queue| queue.flush(Instant::now().into_std(), Box::new(drop)), |queue| queue.attend()];
    for ask in asks {
        let (queue, mut receiver) = channel(NO_LIMITS);
        runtime().block_on(async {
            assert!(timeout(IDLE_AFTER * 2, receiver.wait()).await.is_err() && receiver.is_parked());
            let begin = Instant::now();
            tokio::join!(receiver.wait(), async { ask(&queue) });
            assert_eq!(begin.elapsed(), Duration::ZERO);
            let mut messages = VecDeque::new();
            assert_eq!(receiver.recv_many(10, &mut messages), 1);
            assert_eq!(receiver.usage().reading(), (0, 0));
        });
    }
}

/// One batch that stays may keep all those below it from the system.
#[test]
fn queue_keeps_no_batch_after_a_burst_and_some_otherwise() {
    for (batches, is_burst) in [(3, false), (40, true)] {
        let (queue, mut receiver) = channel(NO_LIMITS);
        runtime().block_on(async {
            for round in 0..2 {
                for _ in 0..2 * batches {
                    let operation = || Operation::StartSpan(start(INSTANCE, 0, None)).map_payload(drop);
                    queue.offer(&vec![0; MAX_SHARED / 2], operation).unwrap();
                }
                receiver.wait().await;
                assert!(taken(&mut receiver, usize::MAX).is_empty(), "{round}");
                assert!(timeout(IDLE_AFTER * 2, receiver.wait()).await.is_err() && receiver.is_parked());
                assert_eq!(receiver.room_kept() == 0, is_burst, "{batches}: {}", receiver.room_kept());
                assert!(receiver.room_kept() < 4 * MAX_SHARED, "{batches}: {}", receiver.room_kept());
            }
        });
    }
}

#[test]
fn waiting_caller_is_woken_each_time() {
    let (queue, mut receiver) = channel(NO_LIMITS);
    let caller = thread::spawn(move || {
        for number in 0..20_000 {
            leave(&queue, 0, number);
            if number % 64 == 0 {
                thread::yield_now();
            }
        }
    });
    let mut count = 0;
    let mut messages = VecDeque::new();
    runtime().block_on(async {
        while count < 20_000 || !receiver.is_orphaned() {
            receiver.wait().await;
            count += receiver.recv_many(512, &mut messages);
            messages.clear();
        }
    });
    caller.join().unwrap();
    assert_eq!(count, 20_000);
}
