//! In a crate without a prelude, generated code finds its own names.
#![deny(warnings, unused, rust_2018_idioms)]
#![expect(clippy::pedantic, reason = "`lints.rs` is about Clippy")]
#![no_implicit_prelude]

#[::prefactor::span("no_prelude:value")]
fn value(text: &str, mut count: u32) -> u32 {
    count += 1;
    ::std::primitive::u32::saturating_mul(::std::primitive::str::len(text) as u32, count)
}

#[::prefactor::span("no_prelude:result")]
async fn result(ok: bool) -> ::std::result::Result<u8, ::std::string::String> {
    if ok { ::std::result::Result::Ok(1) } else { ::std::result::Result::Err(::std::string::String::new()) }
}

#[::prefactor::span(
    "no_prelude:options",
    debug(a),
    display(b),
    redact(c),
    with(d = ::std::any::type_name_of_val),
    rename(a = "first"),
    fields(sum = a + b),
    name = "name",
    root,
    ret(debug),
    err(debug),
    boxed,
    fail_when = |result| result.is_err()
)]
async fn options(a: u8, b: u8, c: u8, d: &Number) -> ::std::result::Result<u8, u8> {
    let Number(d) = d;
    ::std::result::Result::Ok(a + b + c + d)
}

struct Number(u8);

impl Number {
    #[::prefactor::span("no_prelude:method", skip_all)]
    fn method(&mut self, by: u8) -> &mut u8 {
        self.0 += by;
        &mut self.0
    }

    #[::prefactor::span("no_prelude:boxed")]
    fn boxed(
        &self,
    ) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8> + ::std::marker::Send + '_>>
    {
        ::std::boxed::Box::pin(async { self.0 })
    }
}

#[::prefactor::span("no_prelude:opaque")]
fn opaque(n: u8) -> impl ::std::future::Future<Output = u8> {
    ::std::future::ready(n)
}

#[::prefactor::span("no_prelude:stream", err(items))]
fn stream(n: u8) -> impl ::futures_util::Stream<Item = ::std::result::Result<u8, u8>> {
    ::futures_util::stream::iter([::std::result::Result::Ok(n)])
}

#[::prefactor::span("no_prelude:iterator")]
async fn iterator(n: u8) -> impl ::std::iter::Iterator<Item = u8> {
    0..n
}

#[::prefactor::span("no_prelude:never")]
async fn never() -> ! {
    ::std::panic!("on purpose")
}

#[::prefactor::span("no_prelude:tracked")]
#[track_caller]
fn tracked(_n: u8) -> u32 {
    ::std::panic::Location::caller().line()
}

#[::prefactor::span("no_prelude:generic")]
fn generic<T: ?::std::marker::Sized>(_: &T) {}

#[test]
fn expansions_name_nothing_of_the_prelude() {
    use ::std::{assert, assert_eq};

    let run = || {
        assert_eq!(value("ab", 1), 4);
        assert_eq!(::prefactor_attribute::wait(result(true)), ::std::result::Result::Ok(1));
        assert!(::prefactor_attribute::wait(result(false)).is_err());
        let mut number = Number(3);
        *number.method(1) += 1;
        assert_eq!(::prefactor_attribute::wait(number.boxed()), 5);
        assert_eq!(::prefactor_attribute::wait(options(1, 2, 3, &number)), ::std::result::Result::Ok(11));
        assert_eq!(::prefactor_attribute::wait(opaque(6)), 6);
        let items = ::futures_util::StreamExt::collect::<::std::vec::Vec<_>>(stream(1));
        assert_eq!(::prefactor_attribute::wait(items).len(), 1);
        assert_eq!(::std::iter::Iterator::count(::prefactor_attribute::wait(iterator(3))), 3);
        assert_eq!(::prefactor_attribute::panic_text(|| ::prefactor_attribute::wait(never())), "on purpose");
        assert_eq!(tracked(1), ::std::line!());
        generic("unsized");
    };
    run();
    ::prefactor_attribute::Recording::shared().in_scope(run);
}
