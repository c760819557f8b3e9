//! Inference between the return type and the body, in both directions.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fmt::{self, Display};
use std::rc::Rc;

use prefactor_attribute::{alike, twins, wait};

pub(crate) trait Shape: fmt::Debug {
    fn area(&self) -> u32;
}

#[derive(Debug)]
pub(crate) struct Square(u32);

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}

#[derive(Debug, PartialEq)]
pub(crate) struct Refused(String);

impl From<std::num::ParseIntError> for Refused {
    fn from(error: std::num::ParseIntError) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Fallible<T = u32> = Result<T, Refused>;
pub(crate) type Turned<E, T> = Result<T, E>;

twins! {
    #[span("inference:collect")]
    pub(crate) fn collect(text: &str) -> Vec<String> {
        text.split(',').map(Into::into).collect()
    }

    #[span("inference:collect_async")]
    pub(crate) async fn collect_async(text: &str) -> Result<HashSet<u8>, Refused> {
        tokio::task::yield_now().await;
        text.split(',').map(|part| part.parse().map_err(Refused::from)).collect()
    }

    #[span("inference:parse")]
    pub(crate) fn parse(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    #[span("inference:parse_async")]
    pub(crate) async fn parse_async(text: &str) -> Fallible {
        Ok(text.parse()?)
    }

    #[span("inference:default")]
    pub(crate) async fn default() -> (BTreeMap<String, u8>, [u8; 3], Option<Rc<()>>) {
        Default::default()
    }

    #[span("inference:into")]
    pub(crate) async fn into(text: &str) -> Box<str> {
        text.into()
    }

    #[span("inference:from")]
    pub(crate) fn from(n: u8) -> u64 {
        From::from(n)
    }

    #[span("inference:question_mark")]
    pub(crate) async fn converts_errors(text: &str) -> Turned<Box<dyn Error + Send + Sync>, u8> {
        let n = text.parse::<u8>()?;
        if n > 100 {
            return Err("too much")?;
        }
        Ok(n)
    }

    #[span("inference:anyhow")]
    pub(crate) fn anyhow(text: &str) -> anyhow::Result<u8> {
        use anyhow::Context as _;
        text.parse().with_context(|| format!("{text} is no number"))
    }

    #[span("inference:anyhow_async")]
    pub(crate) async fn anyhow_async(text: &str) -> anyhow::Result<u8> {
        anyhow::ensure!(!text.is_empty(), "nothing to parse");
        tokio::task::yield_now().await;
        if text == "never" {
            anyhow::bail!("{text} is refused");
        }
        Ok(text.parse()?)
    }

    #[span("inference:boxed_trait")]
    pub(crate) fn boxed_trait(side: u32) -> Box<dyn Shape> {
        Box::new(Square(side))
    }

    #[span("inference:boxed_trait_async")]
    pub(crate) async fn boxed_trait_async(side: u32) -> Box<dyn Shape + Send + Sync> {
        tokio::task::yield_now().await;
        if side == 0 {
            return Box::new(Square(1));
        }
        Box::new(Square(side))
    }

    #[span("inference:boxed_closure")]
    pub(crate) fn boxed_closure(by: u32) -> Result<Box<dyn Fn(u32) -> u32>, String> {
        Ok(Box::new(move |n| n * by))
    }

    #[span("inference:boxed_closure_async")]
    pub(crate) async fn boxed_closure_async(by: u32) -> Result<Box<dyn Fn(u32) -> u32 + Send>, String> {
        Ok(Box::new(move |n| n * by))
    }

    #[span("inference:closure_lifetime")]
    pub(crate) async fn boxed_closure_of_references() -> Box<dyn for<'a> Fn(&'a str) -> &'a str + Send> {
        Box::new(|text| text.trim())
    }

    #[span("inference:rc_trait")]
    pub(crate) async fn in_rc(side: u32) -> (Option<Rc<dyn Shape>>, u8) {
        let shape: Rc<dyn Shape> = Rc::new(Square(side));
        (Some(shape), 1)
    }

    #[span("inference:slice")]
    pub(crate) fn slices(flag: bool) -> &'static [u8] {
        if flag { &[1, 2, 3] } else { &[] }
    }

    #[span("inference:slice_async")]
    pub(crate) async fn slices_async(flag: bool) -> &'static [u8] {
        match flag {
            true => &[1, 2, 3],
            false => &[],
        }
    }

    #[span("inference:deref")]
    pub(crate) fn deref_coercion(text: &String) -> &str {
        text
    }

    #[span("inference:deref_async")]
    pub(crate) async fn deref_coercion_async<'a>(texts: &'a Vec<Box<String>>) -> &'a str {
        &texts[0]
    }

    #[span("inference:dyn_reference")]
    pub(crate) async fn dyn_reference(square: &Square) -> &dyn Shape {
        square
    }

    #[span("inference:function_pointer")]
    pub(crate) async fn function_pointer(double: bool) -> fn(u8) -> u8 {
        if double { |n| n * 2 } else { |n| n }
    }

    #[span("inference:reborrow")]
    pub(crate) fn mut_to_shared(items: &mut Vec<u8>) -> &[u8] {
        items.push(1);
        items
    }

    #[span("inference:iterator")]
    pub(crate) fn iterator(items: &[u8]) -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator + '_ {
        items.iter().map(|n| n + 1)
    }

    #[span("inference:iterator_method")]
    pub(crate) fn of_iterator(items: impl Iterator<Item = u8>) -> impl Iterator<Item = (usize, u8)> {
        let skipped = 1;
        items.enumerate().skip(skipped)
    }

    #[span("inference:display")]
    pub(crate) fn opaque_display(n: u8) -> impl Display + use<> {
        format!("<{n}>")
    }

    #[span("inference:display_async")]
    pub(crate) async fn opaque_display_async(text: &str) -> impl Display {
        tokio::task::yield_now().await;
        text.trim()
    }

    #[span("inference:iterator_async")]
    pub(crate) async fn opaque_iterator_async(items: &[u8]) -> impl Iterator<Item = u8> {
        if items.is_empty() {
            return items.iter().copied();
        }
        items[1..].iter().copied()
    }

    #[span("inference:opaque_result")]
    pub(crate) fn opaque_in_result(text: &str) -> Result<impl Display, impl Error> {
        text.parse::<u8>()
    }

    #[span("inference:opaque_result_async")]
    pub(crate) async fn opaque_in_result_async(text: &str) -> Result<impl Display, std::num::ParseIntError> {
        let n: u8 = text.parse()?;
        if n == 1 {
            return Ok("one".to_owned());
        }
        Ok(n.to_string())
    }

    #[span("inference:opaque_closure")]
    pub(crate) fn opaque_closure<'a>(prefix: &'a str) -> impl Fn(&str) -> String + 'a {
        move |text| format!("{prefix}{text}")
    }

    #[span("inference:opaque_closure_lifetimes")]
    pub(crate) fn opaque_closure_of_references() -> impl Fn(&str) -> &str {
        |text| text.trim()
    }

    #[span("inference:opaque_nested")]
    pub(crate) fn opaque_nested(n: u8) -> (impl Display, Option<Vec<impl Fn() -> u8>>) {
        (n, Some(vec![move || n]))
    }

    #[span("inference:boxed_opaque")]
    pub(crate) fn boxed_opaque(n: u8) -> Box<impl Iterator<Item = u8>> {
        Box::new(0..n)
    }

    #[span("inference:pinned_opaque")]
    pub(crate) fn pinned_opaque(n: u8) -> std::pin::Pin<Box<impl Future<Output = u8>>> {
        Box::pin(async move { n })
    }

    #[span("inference:opaque_array")]
    pub(crate) async fn opaque_array(n: u8) -> [impl Display; 2] {
        [n, n + 1]
    }

    #[span("inference:opaque_into")]
    pub(crate) fn opaque_into_iterator()
    -> impl IntoIterator<Item = impl Into<u32>, IntoIter: ExactSizeIterator> {
        [1_u8, 2]
    }

    #[span("inference:local_types")]
    pub(crate) fn own_imports_shadow(n: u8) -> Result<u8, String> {
        #[expect(unused_imports, reason = "it shadows the name in the signature")]
        use std::fmt::Result;
        type String = u8;
        let text: String = n;
        Ok(text)
    }

    #[span("inference:local_types_async")]
    pub(crate) async fn own_types_shadow(n: u8) -> Result<Vec<u8>, Refused> {
        struct Refused;
        #[derive(Debug)]
        enum Vec {
            One(u8),
        }
        fn check(n: u8) -> Result<Vec, Refused> {
            if n == 0 { Err(Refused) } else { Ok(Vec::One(n)) }
        }
        tokio::task::yield_now().await;
        match check(n) {
            Ok(Vec::One(n)) => Ok(vec![n]),
            Err(Refused) => Err(super::Refused("zero".to_owned())),
        }
    }

    #[span("inference:numbers")]
    pub(crate) async fn literal_types(flag: bool) -> i64 {
        let n = 5_000_000_000;
        if flag { n } else { 1 << 40 }
    }

    #[span("inference:unit")]
    pub(crate) async fn unit_by_semicolon(items: &mut Vec<u8>) {
        items.push(1);
        if items.len() > 1 {
            return;
        }
        items.push(2)
    }

    #[span("inference:unit_result")]
    pub(crate) async fn unit_result(text: &str) -> Result<(), std::num::ParseIntError> {
        text.parse::<u8>().map(drop)
    }

    #[span("inference:explicit_unit")]
    pub(crate) fn explicit_unit() -> () {}
}

alike! {
    fn the_type_reaches_the_body(twin) {
        wait(async {
            (
                (twin::collect("a,b"), twin::collect_async("1,2,1").await, twin::collect_async("x").await),
                (
                    twin::parse("1.5"),
                    twin::parse("x"),
                    twin::parse_async("7").await,
                    twin::parse_async("x").await,
                ),
                (twin::default().await, twin::into("text").await, twin::from(1)),
                (twin::literal_types(true).await, twin::literal_types(false).await),
            )
        })
    }

    fn errors_convert(twin) {
        wait(async {
            let mut texts = Vec::new();
            for text in ["x", "101", "7", "", "never"] {
                texts.push(twin::converts_errors(text).await.map_err(|error| error.to_string()));
                texts.push(twin::anyhow(text).map_err(|error| format!("{error:#}")));
                texts.push(twin::anyhow_async(text).await.map_err(|error| format!("{error:#}")));
            }
            texts
        })
    }

    fn values_coerce(twin) {
        let (text, texts, square) = ("text".to_owned(), vec![Box::new("boxed".to_owned())], Square(3));
        let mut items = vec![3];
        wait(async {
            (
                (twin::boxed_trait(2).area(), twin::boxed_trait_async(0).await.area()),
                (
                    twin::boxed_closure(2).map(|double| double(4)),
                    twin::boxed_closure_async(3).await.map(|triple| triple(4)),
                ),
                (
                    twin::boxed_closure_of_references().await(" a "),
                    twin::in_rc(2).await.0.map(|shape| shape.area()),
                ),
                (
                    twin::slices(true),
                    twin::slices(false),
                    twin::slices_async(true).await,
                    twin::slices_async(false).await,
                ),
                (twin::deref_coercion(&text) == "text", twin::deref_coercion_async(&texts).await == "boxed"),
                (twin::dyn_reference(&square).await.area(), twin::function_pointer(true).await(4)),
                twin::mut_to_shared(&mut items).to_vec(),
            )
        })
    }

    fn opaque_types_behave_alike(twin) {
        wait(async {
            let (shown, made) = twin::opaque_nested(6);
            (
                (twin::iterator(&[1, 2]).rev().collect::<Vec<_>>(), twin::iterator(&[1, 2]).len()),
                twin::of_iterator([5, 6].into_iter()).collect::<Vec<_>>(),
                (twin::opaque_display(1).to_string(), twin::opaque_display_async(" a ").await.to_string()),
                twin::opaque_iterator_async(&[1, 2]).await.collect::<Vec<_>>(),
                ["1", "x"].map(|text| {
                    twin::opaque_in_result(text).map(|n| n.to_string()).map_err(|error| error.to_string())
                }),
                (
                    twin::opaque_in_result_async("1").await.map(|n| n.to_string()),
                    twin::opaque_in_result_async("x").await.is_err(),
                ),
                (twin::opaque_closure("a")("b"), twin::opaque_closure_of_references()(" b ")),
                (shown.to_string(), made.map(|made| made[0]()), twin::boxed_opaque(3).sum::<u8>()),
                (twin::pinned_opaque(3).await, twin::opaque_array(1).await.map(|n| n.to_string())),
                twin::opaque_into_iterator().into_iter().map(Into::<u32>::into).sum::<u32>(),
            )
        })
    }

    fn local_names_and_unit_values_behave_alike(twin) {
        let mut items = Vec::new();
        wait(async {
            twin::unit_by_semicolon(&mut items).await;
            twin::unit_by_semicolon(&mut items).await;
            twin::explicit_unit();
            (
                twin::own_imports_shadow(3),
                (twin::own_types_shadow(0).await, twin::own_types_shadow(1).await),
                (twin::unit_result("1").await, twin::unit_result("x").await.is_err()),
                items,
            )
        })
    }
}
