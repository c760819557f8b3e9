//! Each option: it changes no result, and has its effect in the span.

#[cfg(feature = "enabled")]
mod recorded;

use std::fmt;

use futures_util::stream::{BoxStream, iter};
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, twins, wait};
use serde::Serialize;

use self::reexported::telemetry::{AgentInstance, Client, Context, Span};

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Budget {
    pub(crate) tokens: u32,
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} tokens", self.tokens)
    }
}

/// A type with neither `Serialize` nor `Debug`.
pub(crate) struct Opaque(pub(crate) u32);

#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    Busy { seconds: u32 },
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {}

#[cfg_attr(not(feature = "enabled"), expect(dead_code, reason = "only the attribute names them"))]
pub(crate) mod shown {
    use super::{Opaque, Refused};

    pub(crate) fn opaque(opaque: &Opaque) -> u32 {
        opaque.0
    }

    pub(crate) fn length<T>(items: &[T]) -> usize {
        items.len()
    }

    pub(crate) fn refused(refused: &Refused) -> String {
        let Refused::Busy { seconds } = refused;
        format!("busy for {seconds} s")
    }

    pub(crate) fn whole(refused: &Refused) -> prefactor::SpanError {
        prefactor::SpanError::new(refused.to_string()).with_type("Busy").with_data(&1)
    }
}

twins! {
    #[span("options:skip", skip(a, c))]
    pub(crate) fn skip(a: Opaque, b: u8, c: &str) -> u32 {
        a.0 + u32::from(b) + u32::from(c.is_empty())
    }

    #[span("options:skip_all", skip_all)]
    pub(crate) async fn skip_all(a: Opaque, (b, c): (u8, u8)) -> u32 {
        a.0 + u32::from(b) + u32::from(c)
    }

    #[span(
        "options:fields",
        skip(items),
        fields(
            count = items.len(),
            "dotted.key" = budget.tokens * 2,
            http.method = "GET",
            shown = %budget,
            debugged = ?budget,
            b.c = %items.join("+"),
            type = 1,
            budget = "replaced",
        ),
    )]
    pub(crate) async fn fields(items: Vec<String>, budget: Budget) -> usize {
        tokio::task::yield_now().await;
        items.len() + budget.tokens as usize
    }

    #[span(
        "options:fields_of_body",
        fields(
            doubled = {
                let twice = n * 2;
                twice
            },
            closure = (|| n + 1)(),
            nested = if n > 1 { "many" } else { "few" },
        )
    )]
    pub(crate) fn fields_of_expressions(n: u32) -> u32 {
        n
    }

    #[span(
        "options:spellings",
        debug(a),
        display(b),
        with(c = shown::opaque, d = shown::length),
        rename(a = "first", e = "type"),
        redact(f)
    )]
    pub(crate) fn spellings(a: Budget, b: Budget, c: &Opaque, d: &[u8], e: u8, f: &str) -> usize {
        (a.tokens + b.tokens + c.0) as usize + d.len() + usize::from(e) + f.len()
    }

    #[span(
        "options:spellings_async",
        debug(a),
        display(b),
        with(c = shown::opaque),
        rename(c = "opaque"),
        redact(r#type)
    )]
    pub(crate) async fn spellings_async(a: Budget, mut b: Budget, c: Opaque, r#type: String) -> u32 {
        b.tokens += a.tokens + c.0;
        tokio::task::yield_now().await;
        b.tokens + u32::from(r#type.is_empty())
    }

    #[span("options:ret", ret, err)]
    pub(crate) fn ret_and_err(ok: bool) -> Result<Budget, Refused> {
        if ok { Ok(Budget { tokens: 1 }) } else { Err(Refused::Busy { seconds: 3 }) }
    }

    #[span("options:ret_skip", ret(skip), err(skip))]
    pub(crate) async fn ret_and_err_skip(ok: bool) -> Result<Budget, Refused> {
        tokio::task::yield_now().await;
        ret_and_err(ok)
    }

    #[span("options:ret_debug", ret(debug), err(debug))]
    pub(crate) async fn ret_and_err_debug(ok: bool) -> Result<Budget, Refused> {
        ret_and_err(ok)
    }

    #[span("options:ret_with", ret(with = shown::opaque), err(with = shown::refused))]
    pub(crate) fn ret_and_err_with(ok: bool) -> Result<Opaque, Refused> {
        Ok(Opaque(ret_and_err(ok)?.tokens))
    }

    #[span("options:err_whole", err(with = shown::whole))]
    pub(crate) async fn err_with_whole(ok: bool) -> Result<Budget, Refused> {
        ret_and_err(ok)
    }

    #[span("options:ret_value", ret(debug))]
    pub(crate) fn ret_of_value(n: u8) -> Option<u8> {
        n.checked_sub(1)
    }

    #[span("options:items", err(items))]
    pub(crate) fn items(
        texts: &'static [&'static str],
    ) -> impl Stream<Item = Result<u8, std::num::ParseIntError>> {
        iter(texts).map(|text| text.parse())
    }

    #[span("options:items_boxed", err(items))]
    pub(crate) fn items_boxed<'a>(texts: &'a [&str]) -> BoxStream<'a, Result<u8, std::num::ParseIntError>> {
        iter(texts).map(|text| text.parse()).boxed()
    }

    #[span("options:items_async", err(items))]
    pub(crate) async fn items_async(
        texts: &'static [&'static str],
    ) -> impl Stream<Item = Result<u8, std::num::ParseIntError>> {
        tokio::task::yield_now().await;
        iter(texts).map(|text| text.parse())
    }

    #[span("options:fail_when", fail_when = |text| text.is_empty())]
    pub(crate) async fn fail_when(text: &str) -> String {
        text.to_owned()
    }

    #[span("options:fail_when_option", fail_when = Option::is_none)]
    pub(crate) fn fail_when_option(n: u8) -> Option<u8> {
        n.checked_sub(1)
    }

    #[span(
        "options:fail_when_result",
        fail_when = |result| result.as_ref().is_ok_and(|budget| budget.tokens == 1),
    )]
    pub(crate) fn fail_when_result(ok: bool) -> Result<Budget, Refused> {
        ret_and_err(ok)
    }

    #[span("options:parent", parent = parent, skip(parent))]
    pub(crate) async fn under_parent(parent: &Span, n: u8) -> u8 {
        let _ = parent;
        tokio::task::yield_now().await;
        n
    }

    #[span("options:parent_optional", skip_all, parent = parent.as_ref())]
    pub(crate) fn under_optional_parent(parent: Option<Context>) -> bool {
        parent.is_some()
    }

    #[span("options:instance", instance = instance, skip(instance))]
    pub(crate) fn in_instance(instance: &AgentInstance) -> u8 {
        let _ = instance;
        1
    }

    #[span("options:client", client = &client, skip(client))]
    pub(crate) async fn in_client(client: Client) -> bool {
        client.is_enabled() || true
    }

    #[span("options:root", root)]
    pub(crate) fn at_root(n: u8) -> u8 {
        n
    }

    #[span("options:name", name = "Ask the model")]
    pub(crate) async fn named(model: &str) -> usize {
        model.len()
    }

    #[span("options:boxed", boxed)]
    pub(crate) async fn boxed(text: &str, mut items: Vec<u8>) -> Result<usize, String> {
        items.push(1);
        tokio::task::yield_now().await;
        Ok(text.len() + items.len())
    }

    #[span("options:boxed_local", boxed(local), skip(shared))]
    pub(crate) async fn boxed_local(shared: std::rc::Rc<u8>, mut items: Vec<u8>) -> Vec<u8> {
        items.push(*shared);
        tokio::task::yield_now().await;
        items.push(*shared);
        items
    }

    #[span("options:crate", crate = ::prefactor)]
    pub(crate) fn from_crate(n: u8) -> u8 {
        n
    }

    #[span(
        "options:crate_path",
        crate = crate::options::reexported::telemetry,
        boxed,
        root,
        name = "n",
        ret,
        fields(a = 1)
    )]
    pub(crate) async fn from_path(n: u8) -> u8 {
        n
    }

    pub(crate) struct Model {
        pub(crate) name: String,
        pub(crate) parent: Span,
    }

    impl Model {
        #[span(
            "options:method",
            fields(model = self.name, length = text.len()),
            parent = &self.parent,
            fail_when = |n: &usize| *n == 0
        )]
        pub(crate) async fn ask(&self, text: &str) -> usize {
            tokio::task::yield_now().await;
            text.len()
        }

        #[span("options:method_mut", fields(model = %self.name), parent = self.parent.context())]
        pub(crate) fn rename(&mut self, to: String) -> &str {
            self.name = to;
            &self.name
        }
    }
}

pub(crate) mod reexported {
    pub(crate) use prefactor as telemetry;
}

alike! {
    fn results_behave_alike(twin) {
        let parent = prefactor::span("options:made_by_hand");
        let mut model = twin::Model { name: "m".to_owned(), parent };
        let budget = Budget { tokens: 3 };
        let client = Client::builder().disabled(true).build().expect("nothing is needed for nothing");
        wait(async {
            (
                (twin::skip(Opaque(1), 2, ""), twin::skip_all(Opaque(1), (2, 3)).await),
                (twin::fields(vec!["a".to_owned()], budget).await, twin::fields_of_expressions(2)),
                twin::spellings(budget, budget, &Opaque(1), &[1], 2, "secret"),
                twin::spellings_async(budget, budget, Opaque(2), String::new()).await,
                (twin::fail_when("").await, twin::fail_when_option(0), twin::fail_when_result(true)),
                (twin::under_parent(&model.parent, 1).await, twin::under_optional_parent(None)),
                (
                    twin::in_instance(&client.register("nobody")),
                    twin::in_client(client).await,
                    twin::at_root(2),
                ),
                (
                    twin::named("abc").await,
                    twin::boxed("abc", vec![2]).await,
                    twin::boxed_local(1.into(), vec![2]).await,
                ),
                (twin::from_crate(1), twin::from_path(2).await),
                (model.ask("text").await, model.rename("other".to_owned()).to_owned()),
            )
        })
    }

    fn outcomes_behave_alike(twin) {
        wait(async {
            let mut outcomes = Vec::new();
            for ok in [true, false] {
                outcomes.push(twin::ret_and_err(ok));
                outcomes.push(twin::ret_and_err_skip(ok).await);
                outcomes.push(twin::ret_and_err_debug(ok).await);
                outcomes.push(twin::ret_and_err_with(ok).map(|opaque| Budget { tokens: opaque.0 }));
                outcomes.push(twin::err_with_whole(ok).await);
            }
            const TEXTS: &[&str] = &["1", "x", "2"];
            let items = (
                twin::items(TEXTS).collect::<Vec<_>>().await,
                twin::items_boxed(TEXTS).collect::<Vec<_>>().await,
                twin::items_async(TEXTS).await.collect::<Vec<_>>().await,
            );
            (outcomes, items, [twin::ret_of_value(0), twin::ret_of_value(1)])
        })
    }
}
