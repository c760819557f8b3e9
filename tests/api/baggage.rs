//! Baggage is written and read where the program asks for it, and nowhere else.

use std::collections::{BTreeMap, HashMap};

use prefactor::Context;
use prefactor::propagation::Baggage;

use crate::support::Trace;

const VALUES: [&str; 6] = ["New York", "1+1", "100%", "a,b;c=d", "é漢", "\"quoted\" \\ \t"];

fn header(text: &str) -> HashMap<String, String> {
    HashMap::from([("Baggage".to_owned(), text.to_owned())])
}

#[test]
fn values_come_back_as_they_were_written() {
    let mut carrier = BTreeMap::new();
    let baggage = VALUES
        .into_iter()
        .enumerate()
        .fold(Baggage::new(), |baggage, (number, value)| baggage.with(format!("key{number}"), value));
    baggage.inject(&mut carrier);
    let header = &carrier["baggage"];
    assert!(
        header.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=,".contains(&byte)),
        "{header}"
    );
    let read = Baggage::extract(&carrier);
    assert_eq!(read.iter().map(|(_, value)| value).collect::<Vec<_>>(), VALUES);
    assert_eq!(read, baggage);
}

#[test]
fn members_of_others_are_read_as_they_are_meant() {
    let read =
        Baggage::extract(&header(" a = x+y , b=%zz,, =none, no, c=1;prop=2 ,b d=3, e=%C3%A9, f=%FF,a=last"));
    let members: Vec<_> = read.iter().collect();
    assert_eq!(members, [("a", "last"), ("b", "%zz"), ("c", "1"), ("e", "é"), ("f", "%FF")]);
    let mut onward = BTreeMap::new();
    read.inject(&mut onward);
    assert!(onward["baggage"].contains("c=1;prop=2"), "properties are passed on: {onward:?}");
}

#[test]
fn baggage_beyond_the_bounds_is_left_out() {
    let many = (0..100).fold(Baggage::new(), |baggage, number| baggage.with(format!("k{number}"), "v"));
    assert_eq!((many.iter().count(), many.get("k63"), many.get("k64")), (64, Some("v"), None));
    let long = Baggage::new().with("short", "v").with("long", "x".repeat(9_000));
    let mut carrier = BTreeMap::new();
    long.inject(&mut carrier);
    assert_eq!(carrier["baggage"], "short=v");
}

#[test]
fn empty_baggage_takes_away_what_is_there() {
    let mut carrier = header("stale=1");
    assert!(Baggage::new().with("not a token", "v").is_empty());
    Baggage::new().inject(&mut carrier);
    assert!(carrier.is_empty());
}

#[test]
fn context_neither_writes_nor_records_baggage() {
    let trace = Trace::new();
    let mut carrier = BTreeMap::from([("baggage".to_owned(), "theirs=1".to_owned())]);
    trace.instance.in_scope(|| Context::current().inject(&mut carrier));
    assert_eq!(carrier["baggage"], "theirs=1");
    trace.finish();
}
