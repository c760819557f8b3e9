//! The least that recording can cost: an id, two times and the values, copied as they are into a buffer of the thread.
//!
//! It is no product: it has no context, no limits, and no care for values that fail. A full buffer goes to another
//! thread.

use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use super::Backend;
use crate::work::{Arguments, Completion, Error, levels_by_hand};

levels_by_hand!(traced);

const BUFFER: usize = 32 << 10;

static START: OnceLock<Instant> = OnceLock::new();
static OUT: OnceLock<Sender<Vec<u8>>> = OnceLock::new();

thread_local! {
    static TAPE: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(BUFFER));
    static LAST: Cell<u64> = const { Cell::new(0) };
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

async fn traced(
    arguments: Arguments<'_>,
    body: impl Future<Output = Result<Completion, Error>>,
) -> Result<Completion, Error> {
    let id = LAST.get() + 1;
    LAST.set(id);
    let parent = CURRENT.replace(id);
    record(id, parent, &[arguments.model, arguments.prompt], &arguments.temperature.to_le_bytes());
    let outcome = body.await;
    CURRENT.set(parent);
    if let Ok(completion) = &outcome {
        record(id, parent, &[&completion.text], &completion.tokens.to_le_bytes());
    }
    outcome
}

#[inline]
fn record(id: u64, parent: u64, texts: &[&str], number: &[u8]) {
    let start = START.get_or_init(Instant::now);
    let length = texts.iter().map(|text| 8 + text.len()).sum::<usize>() + 32;
    TAPE.with_borrow_mut(|tape| {
        if tape.capacity() - tape.len() < length {
            let full = std::mem::replace(tape, Vec::with_capacity(BUFFER.max(length)));
            let _ = OUT.get().map(|out| out.send(full));
        }
        for word in [id, parent, start.elapsed().as_nanos() as u64] {
            tape.extend_from_slice(&word.to_le_bytes());
        }
        for text in texts {
            tape.extend_from_slice(&text.len().to_le_bytes());
            tape.extend_from_slice(text.as_bytes());
        }
        tape.extend_from_slice(number);
    });
}

struct Dropping;

pub(super) fn backend() -> Box<dyn Backend> {
    let (out, buffers) = channel();
    std::thread::spawn(move || buffers.into_iter().for_each(drop::<Vec<u8>>));
    let _ = OUT.set(out);
    Box::new(Dropping)
}

impl Backend for Dropping {
    fn arrived(&self) -> Option<u64> {
        None
    }
}
