//! Qualifiers, attributes and documentation of functions, and calls between functions.

use std::panic::Location;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use prefactor_attribute::{alike, twins, wait};

twins! {
    #[span("qualifiers:tracked")]
    #[track_caller]
    pub(crate) fn tracked() -> (u32, u32) {
        let here = Location::caller();
        (here.line(), here.column())
    }

    #[track_caller]
    #[span("qualifiers:tracked_above")]
    pub(crate) fn tracked_above(mut text: String, _unused: u8) -> Result<u32, String> {
        if text.is_empty() {
            return Err(text);
        }
        text.clear();
        Ok(Location::caller().line())
    }

    #[span("qualifiers:tracked_generic")]
    #[track_caller]
    pub(crate) fn tracked_generic<T: std::fmt::Debug>(value: Option<T>) -> T {
        let Some(value) = value else { panic!("nothing at line {}", Location::caller().line()) };
        value
    }

    #[span("qualifiers:tracked_opaque")]
    #[track_caller]
    pub(crate) fn tracked_opaque(n: u32) -> impl Iterator<Item = u32> {
        let line = Location::caller().line();
        (0..n).map(move |_| line)
    }

    #[span("qualifiers:tracked_boxed")]
    #[track_caller]
    pub(crate) fn tracked_boxed() -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
        let line = Location::caller().line();
        Box::pin(async move { line })
    }

    #[span("qualifiers:tracked_future")]
    #[track_caller]
    pub(crate) fn tracked_future() -> impl Future<Output = u32> {
        std::future::ready(Location::caller().line())
    }

    #[span("qualifiers:tracked_stream")]
    #[track_caller]
    pub(crate) fn tracked_stream(_n: u8) -> impl futures_util::Stream<Item = u32> {
        futures_util::stream::iter([Location::caller().line()])
    }

    #[span("qualifiers:tracked_borrow")]
    #[track_caller]
    pub(crate) fn tracked_borrow<'a>(items: &'a mut Vec<u32>, _by: &str) -> &'a mut u32 {
        items.push(Location::caller().line());
        &mut items[0]
    }

    #[span("qualifiers:tracked_unit")]
    #[track_caller]
    pub(crate) fn tracked_unit(lines: &Mutex<Vec<u32>>) {
        lines.lock().unwrap().push(Location::caller().line());
    }

    pub(crate) struct Tracked;

    impl Tracked {
        #[span("qualifiers:tracked_method")]
        #[track_caller]
        pub(crate) fn line(&self) -> &'static Location<'static> {
            Location::caller()
        }
    }

    #[span("qualifiers:transitive")]
    #[track_caller]
    pub(crate) fn transitive() -> u32 {
        tracked().0
    }

    /// Documented.
    #[span("qualifiers:documented")]
    #[must_use = "it is the point"]
    #[inline]
    pub(crate) fn documented(/* a comment */ text: &str) -> usize {
        //! Documented within.
        text.len()
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the case is written as users write it")]
    #[cold]
    #[span("qualifiers:inline")]
    #[must_use]
    pub(crate) async fn inlined(n: u8) -> u8 {
        n
    }

    #[deprecated = "by its own name"]
    #[span("qualifiers:deprecated")]
    pub(crate) fn deprecated() -> u8 {
        1
    }

    #[span("qualifiers:inner_attributes")]
    #[expect(dead_code, reason = "it is never called")]
    fn dead() {
        #![expect(unused_variables, reason = "an inner attribute is about the body")]
        let unused = 1;
    }

    #[span("qualifiers:inner_attributes_used")]
    pub(crate) async fn inner_attributes(n: u8) -> u8 {
        #![expect(unused_variables, unused_mut, reason = "an inner attribute is about the body")]
        let mut unused = 1;
        n
    }

    #[span("qualifiers:levels")]
    #[expect(unused_variables, unused_must_use, reason = "a level on the function is about all of it")]
    pub(crate) async fn levels(unused: u8) -> u8 {
        let unused_too = 2;
        fails();
        3
    }

    #[expect(unused_must_use, reason = "a level on the function is about all of it")]
    #[span("qualifiers:levels_sync")]
    pub(crate) fn levels_sync() {
        fails();
    }

    #[span("qualifiers:fails")]
    fn fails() -> Result<(), u8> {
        Err(1)
    }

    #[cfg(any())]
    #[span("qualifiers:not_there")]
    pub(crate) fn not_there() -> NoSuchType {}

    #[cfg_attr(all(), span("qualifiers:conditional"))]
    #[cfg_attr(any(), no_such_attribute)]
    pub(crate) fn conditional() -> u8 {
        4
    }

    #[span("qualifiers:twice")]
    #[span("qualifiers:twice_inner")]
    pub(crate) fn annotated_twice(n: u8) -> u8 {
        n
    }

    #[span("qualifiers:twice_async")]
    #[span("qualifiers:twice_async_inner")]
    pub(crate) async fn annotated_twice_async(text: &str) -> &str {
        tokio::task::yield_now().await;
        text
    }

    #[span("qualifiers:extern")]
    pub(crate) extern "C" fn of_c(n: u8) -> u8 {
        n + 1
    }

    pub(crate) mod inner {
        use super::span;

        #[span("qualifiers:pub_super")]
        pub(super) fn for_parent(n: u8) -> u8 {
            private(n)
        }

        #[span("qualifiers:private")]
        fn private(n: u8) -> u8 {
            n + 1
        }

        #[span("qualifiers:pub_in")]
        pub(in super::super) async fn for_grandparent(n: u8) -> u8 {
            for_parent(n)
        }
    }

    #[span("qualifiers:sync_recursion")]
    pub(crate) fn fibonacci(n: u32) -> u32 {
        if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }

    #[span("qualifiers:async_recursion")]
    pub(crate) async fn sum(n: u32) -> u32 {
        if n == 0 { 0 } else { n + Box::pin(sum(n - 1)).await }
    }

    #[span("qualifiers:async_recursion_borrowed")]
    pub(crate) async fn walk<'a>(path: &'a [&'a str], seen: &mut Vec<&'a str>) -> usize {
        let [first, rest @ ..] = path else { return seen.len() };
        seen.push(first);
        Box::pin(walk(rest, seen)).await
    }

    #[span("qualifiers:mutual")]
    pub(crate) fn is_even(n: u32) -> bool {
        n == 0 || is_odd(n - 1)
    }

    #[span("qualifiers:mutual_other")]
    fn is_odd(n: u32) -> bool {
        n != 0 && is_even(n - 1)
    }

    #[span("qualifiers:many")]
    #[expect(clippy::too_many_arguments, reason = "more than the tuples of the standard library have")]
    pub(crate) fn many(
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
        m: u8,
        n: &str,
    ) -> usize {
        [a, b, c, d, e, f, g, h, i, j, k, l, m].len() + n.len()
    }

    #[span("qualifiers:many_async")]
    #[expect(clippy::too_many_arguments, reason = "more than the tuples of the standard library have")]
    pub(crate) async fn many_async(
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
        m: u8,
        n: &str,
    ) -> usize {
        tokio::task::yield_now().await;
        [a, b, c, d, e, f, g, h, i, j, k, l, m].len() + n.len()
    }

    #[span("qualifiers:borrow_across")]
    pub(crate) async fn borrows_across_awaits(
        items: &mut Vec<String>,
        lock: &tokio::sync::Mutex<u8>,
    ) -> usize {
        let first = &mut items[0];
        let mut guard = lock.lock().await;
        tokio::task::yield_now().await;
        first.push('!');
        *guard += 1;
        drop(guard);
        let all = items.iter().map(String::as_str).collect::<Vec<_>>();
        tokio::task::yield_now().await;
        all.concat().len()
    }

    #[span("qualifiers:statics")]
    pub(crate) fn static_in_the_body() -> u8 {
        static CALLS: AtomicU8 = AtomicU8::new(0);
        CALLS.fetch_add(1, Ordering::Relaxed);
        CALLS.swap(0, Ordering::Relaxed)
    }

    #[span("qualifiers:empty")]
    pub(crate) fn empty() {}

    #[span("qualifiers:empty_async")]
    pub(crate) async fn empty_async(_: u8) {}

    #[span("qualifiers:join")]
    pub(crate) async fn joins(n: u32) -> (u32, u32) {
        tokio::join!(sum(n), sum(n + 1))
    }

    #[span("qualifiers:select")]
    pub(crate) async fn selects() -> &'static str {
        tokio::select! {
            biased;
            () = empty_async(1) => "empty",
            _ = sum(3) => "sum",
        }
    }
}

alike! {
    fn locations_of_callers_behave_alike(twin) {
        let lines = Mutex::new(Vec::new());
        let mut items = vec![];
        twin::tracked_unit(&lines);
        *twin::tracked_borrow(&mut items, "") += 1;
        let panic = prefactor_attribute::panic_text(|| twin::tracked_generic::<u8>(None));
        wait(async {
            (
                (
                    twin::tracked(),
                    twin::tracked_above("a".to_owned(), 1),
                    twin::tracked_above(String::new(), 1),
                ),
                (twin::tracked_generic(Some(1)), panic),
                twin::tracked_opaque(2).collect::<Vec<_>>(),
                (twin::tracked_boxed().await, twin::tracked_future().await),
                futures_util::StreamExt::collect::<Vec<_>>(twin::tracked_stream(1)).await,
                (twin::Tracked.line().line(), twin::transitive()),
                (items, lines.into_inner().ok()),
            )
        })
    }

    #[expect(deprecated, reason = "the test calls the deprecated function")]
    fn attributes_behave_alike(twin) {
        wait(async {
            twin::levels_sync();
            (
                (twin::documented("ab"), twin::inlined(1).await, twin::deprecated()),
                (twin::inner_attributes(2).await, twin::levels(1).await, twin::conditional()),
                (twin::annotated_twice(3), twin::annotated_twice_async("a").await),
                (twin::of_c(1), twin::inner::for_grandparent(1).await),
            )
        })
    }

    fn calls_of_annotated_functions_behave_alike(twin) {
        let lock = tokio::sync::Mutex::new(1);
        let (mut seen, mut items) = (Vec::new(), vec!["a".to_owned(), "b".to_owned()]);
        twin::empty();
        wait(async {
            twin::empty_async(1).await;
            (
                (twin::fibonacci(8), twin::sum(5).await, twin::walk(&["a", "b"], &mut seen).await),
                (twin::is_even(5), twin::is_even(4)),
                twin::many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, "ab"),
                twin::many_async(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, "ab").await,
                (twin::borrows_across_awaits(&mut items, &lock).await, lock.into_inner()),
                twin::static_in_the_body(),
                (twin::joins(2).await, twin::selects().await),
            )
        })
    }
}
