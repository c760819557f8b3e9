//! In a crate that shadows common names, generated code uses the standard library's.
#![deny(warnings, unused, rust_2018_idioms)]
#![expect(clippy::pedantic, reason = "`lints.rs` is about Clippy")]
#![allow(dead_code, unused_macros, clippy::allow_attributes, reason = "the names only have to be in scope")]

type Result = u8;
type Option = u16;

struct String;
struct Box;
struct Vec;
struct Pin;
struct Infallible;
struct Callsite;
struct Outcome;
struct Probe;
struct Arguments;

enum Own {
    Some,
    None,
    Ok,
    Err,
}
use Own::{Err, None, Ok, Some};

trait Send {}
trait Sync {}
trait Sized {}
trait Copy {}
trait Clone {}
trait Drop {}
trait Fn {}
trait FnOnce {}
trait FnMut {}
trait From {}
trait Into {}
trait Iterator {}
trait Debug {}
trait Display {}
trait Serialize {}

mod std {}
mod core {}
mod alloc {}
mod prefactor {}
mod prefactor_runtime {}
mod prefactor_macros {}
mod serde {}
mod span {}
mod __private {}

macro_rules! module_path {
    () => {
        compile_error!("the user's own")
    };
}
macro_rules! format {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! panic {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! unreachable {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! concat {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! stringify {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! matches {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! vec {
    ($($tokens:tt)*) => {
        compile_error!("the user's own")
    };
}
macro_rules! file {
    () => {
        compile_error!("the user's own")
    };
}
macro_rules! line {
    () => {
        compile_error!("the user's own")
    };
}

fn drop() {}
fn none() {}
fn call() {}
fn prepare() {}
fn arguments() {}
fn captured() {}

#[::prefactor::span("shadowed:value")]
fn value(text: &str, mut count: u8) -> Result {
    count += 1;
    count + u8::from(text.is_empty())
}

#[::prefactor::span("shadowed:result")]
async fn result(ok: bool) -> ::std::result::Result<Option, ::std::string::String> {
    if ok { ::std::result::Result::Ok(1) } else { ::std::result::Result::Err(::std::string::String::new()) }
}

#[::prefactor::span("shadowed:own")]
async fn own(own: Own, _text: String, boxed: &Box) -> Own {
    let _ = boxed;
    match own {
        Some => None,
        None => Ok,
        Ok => Err,
        Err => Some,
    }
}

#[::prefactor::span(
    "shadowed:options",
    debug(a),
    display(b),
    redact(c),
    with(d = ::std::convert::identity),
    fields(sum = a + b, text = "text"),
    name = "name",
    root,
    ret,
    err,
    fail_when = |value| value.is_err()
)]
fn options(a: u8, b: u8, c: u8, d: &u8) -> ::std::result::Result<u8, ::std::fmt::Error> {
    ::std::result::Result::Ok(a + b + c + d)
}

#[::prefactor::span("shadowed:boxed")]
fn boxed<'a>(
    text: &'a str,
) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = usize> + ::std::marker::Send + 'a>>
{
    ::std::boxed::Box::pin(async { text.len() })
}

#[::prefactor::span("shadowed:in_a_box", boxed)]
async fn in_a_box(text: &str) -> usize {
    text.len()
}

#[::prefactor::span("shadowed:opaque")]
fn opaque(n: u8) -> impl ::std::future::Future<Output = u8> {
    ::std::future::ready(n)
}

#[::prefactor::span("shadowed:stream", err(items))]
async fn stream(n: u8) -> impl ::futures_util::Stream<Item = ::std::result::Result<u8, u8>> {
    ::futures_util::stream::iter([::std::result::Result::Ok(n)])
}

#[::prefactor::span("shadowed:never")]
fn never() -> ! {
    ::std::panic!("on purpose")
}

#[::prefactor::span("shadowed:tracked")]
#[track_caller]
fn tracked(n: u8) -> u8 {
    n
}

#[test]
fn expansions_mean_the_same_where_the_program_shadows_their_names() {
    let run = || {
        assert_eq!(value("ab", 1), 2);
        assert!(::prefactor_attribute::wait(result(true)).is_ok());
        assert!(::prefactor_attribute::wait(result(false)).is_err());
        assert!(::std::matches!(::prefactor_attribute::wait(own(Some, String, &Box)), None));
        assert_eq!(options(1, 2, 3, &4).unwrap(), 10);
        assert_eq!(::prefactor_attribute::wait(boxed("abc")), 3);
        assert_eq!(::prefactor_attribute::wait(in_a_box("abc")), 3);
        assert_eq!(::prefactor_attribute::wait(opaque(6)), 6);
        let items = async { ::futures_util::StreamExt::collect::<::std::vec::Vec<_>>(stream(1).await).await };
        assert_eq!(::prefactor_attribute::wait(items).len(), 1);
        assert_eq!(::prefactor_attribute::panic_text(|| never()), "on purpose");
        assert_eq!(tracked(1), 1);
    };
    run();
    ::prefactor_attribute::Recording::shared().in_scope(run);
}
