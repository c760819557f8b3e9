//! Names of arguments, which stand on no tape: the caller writes a number for all names of a function, and the worker looks them
//! up. Written out for each call, they were a tenth of a span's cost for its caller.

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, PoisonError};

use crate::payload::limits::MAX_KEY_LENGTH;

/// The names of one function's arguments, in the order of their capture.
pub(super) type Names = &'static [&'static str];

/// The names, and whether all of them are short and different.
type Entry = (Names, bool);

/// Written by the first call of each function, read by whoever renders its payloads. A number is a place in it.
static ALL: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// Numbers that a thread keeps at hand.
const KEPT: usize = 32;

thread_local! {
    /// The numbers of the functions that the thread called last, by the address of their names.
    static LAST: [Cell<(Names, u32)>; KEPT] = const { [const { Cell::new((&[], 0)) }; KEPT] };
    /// As much of `ALL` as this thread has needed.
    static KNOWN: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The number of those names.
#[inline]
pub(super) fn number_of(names: Names) -> u32 {
    LAST.with(|last| {
        let place = &last[(names.as_ptr().addr() >> 4) % KEPT];
        match place.get() {
            (known, number) if std::ptr::eq(known, names) => number,
            _ => {
                let number = register(names);
                place.set((names, number));
                number
            }
        }
    })
}

#[cold]
fn register(names: Names) -> u32 {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.iter().position(|(known, _)| std::ptr::eq(*known, names));
    let number = known.unwrap_or_else(|| {
        let is_plain =
            |(place, name): (usize, &&str)| name.len() <= MAX_KEY_LENGTH && !names[..place].contains(name);
        all.push((names, names.iter().enumerate().all(is_plain)));
        all.len() - 1
    });
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The names of that number, and whether all of them are short and different.
pub(super) fn of_number(number: u32) -> Option<(Names, bool)> {
    let number = usize::try_from(number).ok()?;
    let known = KNOWN.try_with(|known| {
        let mut known = known.try_borrow_mut().ok()?;
        if known.len() <= number {
            known.clone_from(&ALL.lock().unwrap_or_else(PoisonError::into_inner));
        }
        known.get(number).copied()
    });
    known.unwrap_or_else(|_| ALL.lock().unwrap_or_else(PoisonError::into_inner).get(number).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_number_on_any_thread() {
        static NAMES: [Names; 3] = [&["a", "b"], &["a"], &["c", "c"]];
        let numbers = NAMES.map(number_of);
        assert_eq!(numbers, NAMES.map(number_of), "a number stays");
        let on_another = std::thread::spawn(move || (NAMES.map(number_of), numbers.map(of_number)));
        let (theirs, names) = on_another.join().unwrap();
        assert_eq!(theirs, numbers);
        assert_eq!(names, [Some((NAMES[0], true)), Some((NAMES[1], true)), Some((NAMES[2], false))]);
        assert_eq!(of_number(u32::MAX), None);
    }

    #[test]
    fn more_functions_than_are_kept_have_their_own_numbers() {
        let names: Vec<Names> = (0..3 * KEPT).map(|_| -> Names { vec!["name"].leak() }).collect();
        let numbers: Vec<_> = names.iter().map(|names| number_of(names)).collect();
        for (names, number) in names.iter().zip(&numbers).chain(names.iter().zip(&numbers).rev()) {
            assert_eq!(number_of(names), *number);
            assert!(std::ptr::eq(of_number(*number).unwrap().0, *names));
        }
    }
}
