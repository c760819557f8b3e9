//! Temporaries in the tail of a body end before its locals, as edition 2024 has it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use prefactor_attribute::{alike, twins, wait};

twins! {
    #[span("editions:lock_of_local")]
    pub(crate) fn lock_of_local(n: u32) -> u32 {
        let lock = Mutex::new(n);
        *lock.lock().unwrap()
    }

    #[span("editions:lock_of_local_async")]
    pub(crate) async fn lock_of_local_async(n: u32) -> u32 {
        let lock = Mutex::new(n);
        tokio::task::yield_now().await;
        *lock.lock().unwrap()
    }

    #[span("editions:cell_of_local")]
    pub(crate) fn cell_of_local(items: Vec<u8>) -> usize {
        let cell = RefCell::new(items);
        cell.borrow().len()
    }

    #[span("editions:cell_of_local_async")]
    pub(crate) async fn cell_of_local_async(items: Vec<u8>) -> Option<u8> {
        let cell = RefCell::new(items);
        cell.borrow_mut().pop()
    }

    #[span("editions:cell_of_argument")]
    pub(crate) fn cell_of_argument(cell: RefCell<Vec<u8>>) -> usize {
        cell.borrow().len()
    }

    #[span("editions:cell_of_argument_async")]
    pub(crate) async fn cell_of_argument_async(cell: RefCell<Vec<u8>>, lock: Mutex<u8>) -> usize {
        cell.borrow().len() + usize::from(*lock.lock().unwrap())
    }

    #[span("editions:match")]
    pub(crate) fn match_in_the_tail(text: &str) -> String {
        let map = RwLock::new(HashMap::from([("a", "b")]));
        match map.read().unwrap().get(text) {
            Some(found) => (*found).to_owned(),
            None => text.to_owned(),
        }
    }

    #[span("editions:if_let")]
    pub(crate) async fn if_let(n: u32) -> u32 {
        let lock = Mutex::new(n.checked_sub(1));
        if let Some(n) = *lock.lock().unwrap_or_else(PoisonError::into_inner) {
            n
        } else {
            // Edition 2024 drops the guard of the condition before the `else` block.
            lock.try_lock().map_or(0, |value| value.unwrap_or(9))
        }
    }

    #[span("editions:if_let_else")]
    pub(crate) fn if_let_else(lock: &Mutex<Option<u32>>) -> u32 {
        if let Some(n) = *lock.lock().unwrap() { n } else { lock.try_lock().unwrap().insert(4).to_owned() }
    }

    #[span("editions:chain")]
    pub(crate) fn let_chain(text: Option<&str>) -> usize {
        if let Some(text) = text { text.len() } else { 0 }
    }

    #[span("editions:block")]
    pub(crate) fn block_in_the_tail() -> usize {
        let cell = RefCell::new(vec![1, 2]);
        {
            let held = cell.borrow();
            held.len()
        }
    }

    #[span("editions:never_type")]
    pub(crate) fn fallback_of_inference(text: &str) -> Result<(), std::num::ParseIntError> {
        text.parse::<u8>()?;
        Ok(())
    }

    #[span("editions:captures")]
    pub(crate) fn captures_all_lifetimes(text: &str) -> impl Iterator<Item = char> {
        text.chars()
    }

    #[span("editions:tail_block_future")]
    pub(crate) fn async_block_in_the_tail(n: u32) -> impl Future<Output = u32> {
        async move {
            let lock = tokio::sync::Mutex::new(n);
            *lock.lock().await
        }
    }

    #[span("editions:closure")]
    pub(crate) async fn async_closure_in_the_body(n: u32) -> u32 {
        let add = async |m: u32| n + m;
        add(1).await + add(2).await
    }

    #[span("editions:unsafe_free")]
    pub(crate) fn r#gen(r#gen: u8) -> u8 {
        r#gen + 1
    }
}

alike! {
    fn temporaries_behave_alike(twin) {
        wait(async {
            (
                (twin::lock_of_local(1), twin::lock_of_local_async(2).await),
                (twin::cell_of_local(vec![1]), twin::cell_of_local_async(vec![2]).await),
                twin::cell_of_argument(RefCell::new(vec![1, 2])),
                twin::cell_of_argument_async(RefCell::new(vec![1, 2]), Mutex::new(3)).await,
                (twin::match_in_the_tail("a"), twin::match_in_the_tail("c")),
                (
                    twin::if_let(3).await,
                    twin::if_let(0).await,
                    twin::if_let_else(&Mutex::new(None)),
                    twin::if_let_else(&Mutex::new(Some(1))),
                ),
                (twin::let_chain(Some("ab")), twin::block_in_the_tail()),
            )
        })
    }

    fn other_rules_of_editions_behave_alike(twin) {
        wait(async {
            (
                twin::fallback_of_inference("1"),
                twin::captures_all_lifetimes(&String::from("ab")).count(),
                twin::async_block_in_the_tail(4).await,
                twin::async_closure_in_the_body(1).await,
                twin::r#gen(1),
            )
        })
    }
}
