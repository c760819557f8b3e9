//! Lifetimes, type parameters, const generics, `impl` and `dyn` arguments, closures and pointers as arguments.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use prefactor_attribute::{alike, twins, wait};

/// A type with neither `Debug` nor `Serialize` nor `Clone`.
pub(crate) struct Opaque(pub(crate) u8);

/// A type that borrows, without `Debug`.
pub(crate) struct Borrowing<'a> {
    pub(crate) text: &'a str,
}

twins! {
    #[span("generics:elided")]
    pub(crate) fn elided(text: &str) -> &str {
        text.trim()
    }

    #[span("generics:elided_async")]
    pub(crate) async fn elided_async(text: &str) -> &str {
        tokio::task::yield_now().await;
        text.trim()
    }

    #[span("generics:named")]
    pub(crate) fn named<'long: 'short, 'short>(long: &'long str, short: &'short str) -> &'short str {
        if long.len() > short.len() { long } else { short }
    }

    #[span("generics:named_async")]
    pub(crate) async fn named_async<'a, 'b>(keep: &'a mut Vec<u8>, from: &'b [u8]) -> &'a mut [u8] {
        keep.extend_from_slice(from);
        tokio::task::yield_now().await;
        &mut keep[1..]
    }

    #[span("generics:mutable")]
    pub(crate) fn mutable<'a>(map: &'a mut HashMap<String, u32>, key: &str) -> &'a mut u32 {
        if map.contains_key(key) {
            return map.get_mut(key).expect("it was found");
        }
        map.entry(key.to_owned()).or_default()
    }

    #[span("generics:hidden_lifetime")]
    pub(crate) fn in_paths<'a>(borrowing: &Borrowing<'a>, mut other: Borrowing<'a>) -> Borrowing<'a> {
        other.text = borrowing.text;
        other
    }

    #[span("generics:anonymous")]
    pub(crate) async fn anonymous(borrowing: Borrowing<'_>) -> Cow<'_, str> {
        tokio::task::yield_now().await;
        Cow::Borrowed(borrowing.text)
    }

    #[span("generics:static")]
    pub(crate) async fn with_static(text: &'static str) -> &'static str {
        text
    }

    #[span("generics:bounded")]
    pub(crate) fn bounded<K, V>(pairs: Vec<(K, V)>) -> HashMap<K, Vec<V>>
    where
        K: Hash + Eq,
    {
        let mut map = HashMap::<K, Vec<V>>::new();
        for (key, value) in pairs {
            map.entry(key).or_default().push(value);
        }
        map
    }

    #[span("generics:unbounded")]
    pub(crate) fn unbounded<T>(value: T) -> T {
        value
    }

    #[span("generics:unbounded_async")]
    pub(crate) async fn unbounded_async<T, E>(result: Result<T, E>) -> Result<Option<T>, E> {
        tokio::task::yield_now().await;
        Ok(Some(result?))
    }

    #[span("generics:unsized")]
    pub(crate) fn possibly_unsized<T: ?Sized + Debug>(value: &T) -> String {
        format!("{value:?}")
    }

    #[span("generics:const")]
    pub(crate) fn const_generic<const N: usize, T: Copy + Default>(first: T) -> [T; N] {
        let mut array = [T::default(); N];
        array[0] = first;
        array
    }

    #[span("generics:const_async")]
    pub(crate) async fn const_generic_async<const N: usize>(bytes: [u8; N]) -> usize {
        tokio::task::yield_now().await;
        bytes.len() + N
    }

    #[span("generics:higher_ranked")]
    pub(crate) fn higher_ranked<F>(text: &str, function: F) -> usize
    where
        F: for<'a> Fn(&'a str) -> &'a str,
    {
        function(text).len()
    }

    #[span("generics:projection")]
    pub(crate) fn projection<I>(items: I) -> Option<I::Item>
    where
        I: IntoIterator,
        I::Item: Ord,
    {
        items.into_iter().max()
    }

    #[span("generics:phantom")]
    pub(crate) fn phantom<T>(_: PhantomData<fn() -> T>, default: Option<T>) -> T
    where
        T: Default,
    {
        default.unwrap_or_default()
    }

    #[span("generics:impl_argument")]
    pub(crate) fn impl_argument(
        items: impl IntoIterator<Item = impl Display>,
        separator: &impl Display,
    ) -> String {
        items.into_iter().map(|item| format!("{item}{separator}")).collect()
    }

    #[span("generics:impl_argument_async")]
    pub(crate) async fn impl_argument_async(text: impl AsRef<str> + Send, times: impl Into<usize>) -> String {
        tokio::task::yield_now().await;
        text.as_ref().repeat(times.into())
    }

    #[span("generics:dyn_argument")]
    pub(crate) fn dyn_argument(
        shown: &dyn Debug,
        owned: Box<dyn Display + '_>,
        any: &dyn std::any::Any,
    ) -> String {
        format!("{shown:?} {owned} {:?}", any.downcast_ref::<u8>())
    }

    #[span("generics:dyn_argument_async")]
    pub(crate) async fn dyn_argument_async(
        log: &mut (dyn FnMut(&str) + Send),
        shown: &(dyn Display + Sync),
    ) -> usize {
        log(&shown.to_string());
        tokio::task::yield_now().await;
        log("again");
        2
    }

    #[span("generics:closures")]
    pub(crate) fn closures(
        by_ref: impl Fn(u8) -> u8,
        mut by_mut: impl FnMut(),
        once: impl FnOnce() -> String,
    ) -> String {
        by_mut();
        by_mut();
        format!("{}{}", once(), by_ref(1))
    }

    #[span("generics:closures_async")]
    pub(crate) async fn async_closures<F, Fut>(function: F, pointer: fn(u8) -> u8) -> u8
    where
        F: FnOnce(u8) -> Fut,
        Fut: Future<Output = u8>,
    {
        pointer(function(1).await)
    }

    #[span("generics:async_fn")]
    pub(crate) async fn real_async_closures(function: impl AsyncFn(&str) -> usize, text: &str) -> usize {
        function(text).await + function("more").await
    }

    #[span("generics:returned_closure")]
    pub(crate) fn returns_closure(by: u32) -> impl Fn(u32) -> u32 + Clone + Send {
        move |n| n + by
    }

    #[span("generics:returned_box")]
    pub(crate) fn returns_boxed_closure<'a>(prefix: &'a str) -> Box<dyn Fn(&str) -> String + 'a> {
        Box::new(move |text| format!("{prefix}{text}"))
    }

    #[span("generics:future_argument")]
    pub(crate) async fn awaits_argument<T>(future: impl Future<Output = T>) -> T {
        future.await
    }

    #[span("generics:raw_pointer")]
    pub(crate) fn raw_pointer(pointer: *const u8, other: *mut [u8; 4]) -> bool {
        pointer.is_null() && other.is_null()
    }

    #[span("generics:not_shown")]
    pub(crate) async fn not_shown(opaque: Opaque, borrowed: &Opaque, list: &[Opaque]) -> Opaque {
        tokio::task::yield_now().await;
        Opaque(opaque.0 + borrowed.0 + u8::try_from(list.len()).unwrap_or(0))
    }

    #[span("generics:unit_and_never")]
    pub(crate) fn odd_types(
        unit: (),
        nested: ((u8,), [(); 2]),
        none: Option<std::convert::Infallible>,
    ) -> usize {
        let () = unit;
        let ((one,), units) = nested;
        usize::from(one) + units.len() + usize::from(none.is_none())
    }

    pub(crate) struct Pair<A, B>(pub(crate) A, pub(crate) B);

    impl<A, B: Clone> Pair<A, B> {
        #[span("generics:method")]
        pub(crate) fn replace<C>(self, with: C) -> Pair<C, B> {
            Pair(with, self.1)
        }

        #[span("generics:method_async")]
        pub(crate) async fn second<'a>(&'a self, _unused: &A) -> Pair<&'a A, B>
        where
            A: Sized,
        {
            tokio::task::yield_now().await;
            Pair(&self.0, self.1.clone())
        }
    }
}

alike! {
    fn lifetimes_behave_alike(twin) {
        let mut map = HashMap::from([("a".to_owned(), 1)]);
        *twin::mutable(&mut map, "a") += 1;
        *twin::mutable(&mut map, "b") += 1;
        let borrowing = Borrowing { text: "text" };
        let mut bytes = vec![1, 2];
        wait(async {
            twin::named_async(&mut bytes, &[3]).await[0] = 9;
            (
                (twin::elided(" a "), twin::elided_async(" b ").await, twin::named("long", "b")),
                (twin::in_paths(&borrowing, Borrowing { text: "other" }).text, map["a"], map["b"]),
                (twin::anonymous(Borrowing { text: "cow" }).await.into_owned(), twin::with_static("s").await),
                bytes,
            )
        })
    }

    fn type_and_const_parameters_behave_alike(twin) {
        let opaque = twin::unbounded(Opaque(3)).0;
        wait(async {
            let failed = twin::unbounded_async::<u8, Opaque>(Err(Opaque(4))).await.map_err(|error| error.0);
            (
                (opaque, failed, twin::unbounded_async::<_, ()>(Ok(1)).await),
                twin::bounded(vec![("a", 1), ("a", 2)]),
                (twin::possibly_unsized("text"), twin::possibly_unsized(&[1, 2][..])),
                (twin::const_generic::<3, _>('x'), twin::const_generic_async([1, 2]).await),
                (twin::higher_ranked(" a ", |text| text.trim()), twin::projection([1, 3, 2])),
                twin::phantom(PhantomData, Some(7)),
                (twin::Pair(1, 'b').replace("c").0, twin::Pair(1, 'b').second(&2).await.1),
            )
        })
    }

    fn impl_and_dyn_arguments_behave_alike(twin) {
        let mut log = Vec::new();
        wait(async {
            let logged = twin::dyn_argument_async(&mut |text| log.push(text.to_owned()), &7).await;
            (
                twin::impl_argument([1, 2], &','),
                twin::impl_argument_async("ab", 2_u8).await,
                twin::dyn_argument(&Some(1), Box::new("text"), &3_u8),
                (logged, log),
            )
        })
    }

    fn closures_and_futures_behave_alike(twin) {
        let (mut count, text) = (0, "moved".to_owned());
        let closures = twin::closures(|n| n + 1, || count += 1, move || text);
        wait(async {
            (
                (closures, count),
                twin::async_closures(|n| async move { n + 1 }, |n| n * 2).await,
                twin::real_async_closures(async |text: &str| text.len(), "text").await,
                (twin::returns_closure(2).clone()(3), twin::returns_boxed_closure("<")("text")),
                twin::awaits_argument(async { 5 }).await,
            )
        })
    }

    fn pointers_and_odd_types_behave_alike(twin) {
        wait(async {
            (
                twin::raw_pointer(std::ptr::null(), std::ptr::null_mut()),
                twin::not_shown(Opaque(1), &Opaque(2), &[Opaque(3)]).await.0,
                twin::odd_types((), ((4,), [(), ()]), None),
            )
        })
    }
}
