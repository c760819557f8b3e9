//! Values that can be shown once, such as lazy formatters of iterators: the SDK reads each value once, even if the read
//! fails. `skip` and `with` keep it from reading at all.

use std::cell::Cell;
use std::fmt::{self, Debug, Display, Formatter};

use futures_util::future::FutureExt as _;
use futures_util::stream::{self, Stream, StreamExt as _};
use prefactor::span;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::support::Trace;

/// The end of a read of a value.
#[derive(Clone, Copy)]
enum Look {
    Shows,
    Fails,
    Panics,
}

use Look::{Fails, Panics, Shows};

thread_local! {
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

impl Look {
    fn at(self) -> Result<&'static str, fmt::Error> {
        LOOKS.set(LOOKS.get() + 1);
        match self {
            Shows => Ok("shown"),
            Fails => Err(fmt::Error),
            Panics => panic!("on purpose"),
        }
    }
}

/// A type with `Serialize`, which is the first choice, and `Debug`, the second.
struct Both(Look);

impl Serialize for Both {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.at().map_err(|_| S::Error::custom("on purpose"))?;
        serializer.serialize_str(text)
    }
}

impl Debug for Both {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.at()?)
    }
}

/// A type with `Debug` and `Display`.
struct Texts(Look);

impl Debug for Texts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.at()?)
    }
}

impl Display for Texts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.at()?)
    }
}

#[span("once:argument")]
fn argument(value: &Both) {
    let _ = value;
}

#[span("once:nested")]
async fn nested(values: (u8, Vec<Option<Both>>)) {
    drop(values);
}

#[span("once:by_debug")]
fn by_debug(value: &Texts) {
    let _ = value;
}

#[span("once:debug", debug(value))]
fn debug(value: &Both) {
    let _ = value;
}

#[span("once:display", display(value))]
fn display(value: &Texts) {
    let _ = value;
}

#[span("once:field", fields(value = Both(look)))]
fn field(look: Look) {
    let _ = look;
}

#[span("once:result")]
fn result(look: Look) -> Both {
    Both(look)
}

#[span("once:future")]
fn future(look: Look) -> impl Future<Output = Option<Both>> {
    std::future::ready(Some(Both(look)))
}

#[span("once:error")]
fn error(look: Look) -> Result<(), Texts> {
    Err(Texts(look))
}

#[span("once:items", ret(items))]
fn items(look: Look) -> impl Stream<Item = Both> {
    stream::iter([Both(look)])
}

#[test]
fn value_is_looked_at_once_whether_it_shows_fails_or_panics() {
    let calls: [(&str, fn(Look)); 11] = [
        ("argument", |look| argument(&Both(look))),
        ("nested", |look| assert!(nested((1, vec![Some(Both(look))])).now_or_never().is_some())),
        ("by_debug", |look| by_debug(&Texts(look))),
        ("debug", |look| debug(&Both(look))),
        ("display", |look| display(&Texts(look))),
        ("field", field),
        ("result", |look| assert!(matches!(result(look), Both(_)))),
        ("future", |look| assert!(future(look).now_or_never().is_some())),
        ("error", |look| drop(error(look))),
        ("items", |look| assert_eq!(items(look).count().now_or_never(), Some(1))),
        ("by_hand", |look| span("once:by_hand").complete(&Both(look))),
    ];
    for (name, call) in calls {
        for (look, end) in [(Shows, "shown"), (Fails, "<capture failed>"), (Panics, "<capture panicked>")] {
            LOOKS.set(0);
            let stored = Trace::of(|| call(look));
            assert_eq!(LOOKS.get(), 1, "{name}, {end}");
            let span = &stored.spans[0];
            let said = format!("{}{}", span.payload, span.result());
            assert!(said.contains(end), "{name}, {end}: {said}");
        }
    }
}

/// Joins the items of an iterator when it is shown, which works once.
struct Joined(Cell<Option<std::array::IntoIter<&'static str, 2>>>);

impl Joined {
    fn new() -> Self {
        Self(Cell::new(Some(["a", "b"].into_iter())))
    }

    fn show(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.0.take().expect("shown twice").try_for_each(|part| write!(formatter, "{part}; "))
    }
}

impl Display for Joined {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.show(formatter)
    }
}

impl Debug for Joined {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.show(formatter)
    }
}

#[span("joined:skip", skip(facts))]
fn skips(facts: &Joined) -> String {
    format!("Known: {facts}")
}

#[span("joined:skip_all", skip_all)]
async fn skips_all(facts: impl Display + Debug) -> String {
    format!("Known: {facts}")
}

fn described<T>(_: &T) -> &'static str {
    "facts"
}

#[span("joined:with", with(facts = described))]
fn describes(facts: &Joined) -> String {
    format!("Known: {facts}")
}

#[span("joined:fields", fields(facts = described(facts)))]
fn replaces(facts: &Joined) -> String {
    format!("Known: {facts}")
}

#[span("joined:captured")]
fn captured(facts: &Joined) -> String {
    format!("Known: {facts}")
}

#[test]
fn value_that_can_be_shown_once_is_left_to_the_function_by_skip_and_with() {
    let stored = Trace::of(|| {
        for said in [
            skips(&Joined::new()),
            skips_all(Joined::new()).now_or_never().unwrap(),
            describes(&Joined::new()),
            replaces(&Joined::new()),
        ] {
            assert_eq!(said, "Known: a; b; ");
        }
    });
    for (name, payload) in [
        ("skip", json!({})),
        ("skip_all", json!({})),
        ("with", json!({ "facts": "facts" })),
        ("fields", json!({ "facts": "facts" })),
    ] {
        let span = stored.span(&format!("joined:{name}"));
        assert_eq!((&span.payload, &*span.status), (&payload, "complete"), "{name}");
    }
}

/// The section *Limits* of the attribute's page names it.
#[test]
fn value_that_can_be_shown_once_is_used_up_where_it_is_captured() {
    let stored = Trace::of(|| assert!(std::panic::catch_unwind(|| captured(&Joined::new())).is_err()));
    let span = stored.span("joined:captured");
    assert_eq!((&span.payload, &*span.status), (&json!({ "facts": "a; b; " }), "failed"));
}

/// The advice that users read first, and the limits.
#[test]
fn advice_names_values_that_can_be_shown_once_with_the_cures() {
    let readme = include_str!("../../README.md");
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let attribute = include_str!("../../prefactor-macros/src/lib.rs");
    let guide = include_str!("../../src/guide/annotating.md");
    let advice = readme.split("**What to skip:**").nth(1).unwrap().split("\n\n").next().unwrap();
    let advice = in_one_line(advice);
    let limit =
        attribute.split("Values that can be shown once.").nth(1).unwrap().split("* **").next().unwrap();
    let page = guide.split("Values that can be read only once").nth(1).unwrap().split("\n*").next().unwrap();
    assert!(advice.contains("skip(") && advice.contains("with(") && advice.contains("read once"), "{advice}");
    assert!(limit.contains("`skip`") && limit.contains("`with`"), "{limit}");
    assert!(page.contains("iterators"), "{page}");
}
