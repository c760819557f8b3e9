//! Processor times of a span, in nanoseconds.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use cpu_time::{ProcessTime, ThreadTime};

use crate::session::Session;

const THREADS: u32 = 8;

/// Returns the time of the caller's thread: the median of the rounds.
pub(crate) fn caller(session: &Session, rounds: u32) -> f64 {
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(on_this_thread(session) / f64::from(session.spans()));
        session.settle();
    }
    session.check(rounds);
    median(times)
}

/// Returns the time of all threads until the last span has arrived.
pub(crate) fn process(session: &Session, rounds: u32) -> f64 {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let before = ProcessTime::now();
        session.round(|work| work());
        session.settle();
        times.push(nanos(before.elapsed()) / f64::from(session.spans()));
    }
    session.check(rounds);
    median(times)
}

/// Returns the times of eight callers and of one: the medians of the rounds.
pub(crate) fn threads(session: &Session, rounds: u32) -> String {
    let (begin, end) = (Barrier::new(THREADS as usize + 1), Barrier::new(THREADS as usize + 1));
    let nanos = AtomicU64::new(0);
    let spans = f64::from(session.spans());
    let times = thread::scope(|scope| {
        for number in 0..THREADS {
            let (begin, end, nanos) = (&begin, &end, &nanos);
            scope.spawn(move || {
                for round in 0..2 * rounds {
                    begin.wait();
                    if round % 2 == 1 {
                        nanos.fetch_add(on_this_thread(session) as u64, Relaxed);
                    } else if number == 0 {
                        for _ in 0..THREADS {
                            nanos.fetch_add(on_this_thread(session) as u64, Relaxed);
                        }
                    }
                    end.wait();
                }
            });
        }
        let round = || {
            begin.wait();
            end.wait();
            session.settle();
            nanos.swap(0, Relaxed) as f64 / (spans * f64::from(THREADS))
        };
        (0..rounds).map(|_| (round(), round())).collect::<Vec<_>>()
    });
    session.check(2 * rounds * THREADS);
    let (one, eight): (Vec<f64>, Vec<f64>) = times.into_iter().unzip();
    format!("{} {}", median(one), median(eight))
}

fn on_this_thread(session: &Session) -> f64 {
    session.round(|work| {
        let before = ThreadTime::now();
        work();
        nanos(before.elapsed())
    })
}

fn nanos(time: std::time::Duration) -> f64 {
    time.as_nanos() as f64
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
