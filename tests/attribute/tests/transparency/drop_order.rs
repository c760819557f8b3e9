//! The order in which arguments, locals and temporaries are dropped.

use std::cell::RefCell;
use std::rc::Rc;

use prefactor_attribute::{alike, poll_once, twins, wait};

pub(crate) type Log = Rc<RefCell<Vec<&'static str>>>;

pub(crate) struct Noisy(&'static str, Log);

impl Noisy {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0 == name
    }

    pub(crate) fn log(&self, word: &'static str) {
        self.1.borrow_mut().push(word);
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        self.log(self.0);
    }
}

twins! {
    #[span("drop_order:unused")]
    pub(crate) fn unused(_a: Noisy, _: Noisy, _b: Noisy) {}

    #[span("drop_order:unused_async")]
    pub(crate) async fn unused_async(_a: Noisy, _: Noisy, _b: Noisy) {
        tokio::task::yield_now().await;
    }

    #[span("drop_order:used")]
    pub(crate) fn used(a: Noisy, b: Noisy, c: Noisy) -> bool {
        let local = Noisy("local", Rc::clone(&a.1));
        local.log("body");
        b.is("b") && c.is("c")
    }

    #[span("drop_order:used_async")]
    pub(crate) async fn used_async(a: Noisy, b: Noisy, c: Noisy) -> bool {
        let local = Noisy("local", Rc::clone(&a.1));
        tokio::task::yield_now().await;
        local.log("body");
        c.is("c") && b.is("b")
    }

    #[span("drop_order:mixed", skip(b))]
    pub(crate) fn mixed(a: Noisy, _: Noisy, mut b: Noisy, _c: Noisy, d: Noisy) {
        b.0 = "changed";
        d.log("body");
        let _ = a;
    }

    #[span("drop_order:mixed_async", skip_all)]
    pub(crate) async fn mixed_async(a: Noisy, _: Noisy, mut b: Noisy, _c: Noisy, d: Noisy) {
        b.0 = "changed";
        d.log("body");
        tokio::task::yield_now().await;
        let _ = a;
    }

    #[expect(unused_variables, reason = "the test is about unused arguments")]
    #[span("drop_order:some_used")]
    pub(crate) fn some_used(a: Noisy, b: Noisy, c: Noisy, d: Noisy) {
        c.log("body");
    }

    #[expect(unused_variables, reason = "the test is about unused arguments")]
    #[span("drop_order:some_used_async")]
    pub(crate) async fn some_used_async(a: Noisy, b: Noisy, c: Noisy, d: Noisy) {
        c.log("body");
        tokio::task::yield_now().await;
    }

    #[span("drop_order:moved")]
    pub(crate) fn moved(a: Noisy, b: Noisy, c: Noisy) -> Noisy {
        drop(b);
        a.log("body");
        c
    }

    #[span("drop_order:moved_async")]
    pub(crate) async fn moved_async(a: Noisy, b: Noisy, c: Noisy) -> Noisy {
        drop(b);
        tokio::task::yield_now().await;
        a.log("body");
        c
    }

    #[span("drop_order:destructured")]
    pub(crate) fn destructured((a, _b): (Noisy, Noisy), (_, c): (Noisy, Noisy)) {
        a.log("body");
        c.log("again");
    }

    #[span("drop_order:destructured_async")]
    pub(crate) async fn destructured_async((a, _b): (Noisy, Noisy), (_, c): (Noisy, Noisy)) {
        a.log("body");
        tokio::task::yield_now().await;
        c.log("again");
    }

    #[span("drop_order:early")]
    pub(crate) async fn early(a: Noisy, b: Noisy) -> Result<(), &'static str> {
        let _local = Noisy("local", Rc::clone(&b.1));
        if a.is("a") {
            Err("early")?;
        }
        b.log("not reached");
        Ok(())
    }

    #[span("drop_order:tail")]
    pub(crate) fn tail_temporary(a: Noisy, log: &Log) -> bool {
        Noisy("temporary", Rc::clone(log)).is("temporary") && a.is("a")
    }

    #[span("drop_order:tail_async")]
    pub(crate) async fn tail_temporary_async(a: Noisy, log: &Log) -> bool {
        Noisy("temporary", Rc::clone(log)).is("temporary") && a.is("a")
    }

    #[span("drop_order:boxed")]
    pub(crate) fn boxed(a: Noisy, b: Noisy) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        let _local = Noisy("local", Rc::clone(&a.1));
        Box::pin(async move {
            b.log("awaited");
            let _b = b;
        })
    }

    #[span("drop_order:opaque")]
    pub(crate) fn opaque(_a: Noisy, b: Noisy) -> impl Future<Output = ()> {
        b.log("called");
        async move {
            b.log("awaited");
        }
    }

    #[span("drop_order:tracked")]
    #[track_caller]
    pub(crate) fn tracked(a: Noisy, _: Noisy, _b: Noisy, c: Noisy) -> Noisy {
        c.log("body");
        a
    }

    #[span("drop_order:iterator")]
    pub(crate) fn opaque_value(a: Noisy, _b: Noisy) -> impl Iterator<Item = u8> {
        a.log("body");
        let _local = Noisy("local", Rc::clone(&a.1));
        0..3
    }

    pub(crate) struct Owner(pub(crate) Noisy);

    impl Owner {
        #[span("drop_order:method")]
        pub(crate) fn consume(self, a: Noisy, _b: Noisy) {
            self.0.log("body");
            drop(a);
        }

        #[span("drop_order:method_unused")]
        pub(crate) fn ignore(self, _: Noisy, _b: Noisy) {}

        #[span("drop_order:method_async")]
        pub(crate) async fn consume_async(self, a: Noisy, _b: Noisy) {
            tokio::task::yield_now().await;
            self.0.log("body");
            a.log("body");
        }

        #[span("drop_order:method_ignored_async")]
        pub(crate) async fn ignore_async(self, _: Noisy, _b: Noisy) {}
    }
}

fn logged(body: impl FnOnce(&dyn Fn(&'static str) -> Noisy, &Log)) -> Vec<&'static str> {
    let log = Log::default();
    body(&|name| Noisy(name, Rc::clone(&log)), &log);
    log.take()
}

alike! {
    fn sync_functions_behave_alike(twin) {
        [
            logged(|new, _| twin::unused(new("a"), new("_"), new("b"))),
            logged(|new, _| assert!(twin::used(new("a"), new("b"), new("c")))),
            logged(|new, _| twin::mixed(new("a"), new("_"), new("b"), new("c"), new("d"))),
            logged(|new, _| twin::some_used(new("a"), new("b"), new("c"), new("d"))),
            logged(|new, log| {
                let _returned = twin::moved(new("a"), new("b"), new("c"));
                log.borrow_mut().push("returned");
            }),
            logged(|new, log| assert!(twin::tail_temporary(new("a"), log))),
            logged(|new, log| {
                let _returned = twin::tracked(new("a"), new("_"), new("b"), new("c"));
                log.borrow_mut().push("returned");
            }),
            logged(|new, log| {
                let _iterator = twin::opaque_value(new("a"), new("b"));
                log.borrow_mut().push("returned");
            }),
            logged(|new, _| twin::Owner(new("self")).consume(new("a"), new("b"))),
            logged(|new, _| twin::Owner(new("self")).ignore(new("_"), new("b"))),
        ]
    }

    fn async_functions_behave_alike(twin) {
        [
            logged(|new, _| wait(twin::unused_async(new("a"), new("_"), new("b")))),
            logged(|new, _| assert!(wait(twin::used_async(new("a"), new("b"), new("c"))))),
            logged(|new, _| wait(twin::mixed_async(new("a"), new("_"), new("b"), new("c"), new("d")))),
            logged(|new, _| wait(twin::some_used_async(new("a"), new("b"), new("c"), new("d")))),
            logged(|new, log| {
                let _returned = wait(twin::moved_async(new("a"), new("b"), new("c")));
                log.borrow_mut().push("returned");
            }),
            logged(|new, _| assert_eq!(wait(twin::early(new("a"), new("b"))), Err("early"))),
            logged(|new, log| assert!(wait(twin::tail_temporary_async(new("a"), log)))),
            logged(|new, _| wait(twin::Owner(new("self")).consume_async(new("a"), new("b")))),
            logged(|new, _| wait(twin::Owner(new("self")).ignore_async(new("_"), new("b")))),
        ]
    }

    // Known limit: the parts that a pattern does not bind are dropped after the parts that it binds.
    fn destructured_arguments_in_any_order_behave_alike(twin) {
        let mut logs = [
            logged(|new, _| twin::destructured((new("a"), new("b")), (new("_"), new("c")))),
            logged(|new, _| wait(twin::destructured_async((new("a"), new("b")), (new("_"), new("c"))))),
        ];
        logs.iter_mut().for_each(|log| log.sort_unstable());
        logs
    }

    fn returned_futures_behave_alike(twin) {
        [
            logged(|new, log| {
                let future = twin::boxed(new("a"), new("b"));
                log.borrow_mut().push("made");
                wait(future);
            }),
            logged(|new, log| {
                let future = twin::opaque(new("a"), new("b"));
                log.borrow_mut().push("made");
                wait(future);
            }),
        ]
    }

    fn futures_that_are_dropped_behave_alike(twin) {
        [
            logged(|new, log| {
                let future = twin::used_async(new("a"), new("b"), new("c"));
                log.borrow_mut().push("made");
                drop(future);
            }),
            logged(|new, log| {
                let mut future =
                    Box::pin(twin::mixed_async(new("a"), new("_"), new("b"), new("c"), new("d")));
                assert!(poll_once(&mut future).is_pending());
                log.borrow_mut().push("polled");
                drop(future);
            }),
            logged(|new, _| drop(twin::boxed(new("a"), new("b")))),
        ]
    }
}
