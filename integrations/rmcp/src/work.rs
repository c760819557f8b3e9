//! The requests that are spans, and the names of these spans.

use std::sync::Once;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    GetPromptRequestParams, GetPromptResponse, GetPromptResult, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, RequestParamsMeta, ServerResult,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// Names this crate to the platform, for runs that are registered from then on.
pub(crate) fn announce() {
    static ANNOUNCED: Once = Once::new();
    ANNOUNCED.call_once(|| {
        prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    });
}

/// The parameters of a request that is a span: those of `tools/call`, `resources/read`, `prompts/get` and
/// `completion/complete`.
pub trait CallParams: RequestParamsMeta + Serialize + sealed::Kind {}

/// The answer to such a request: a result, or a response that may ask for more.
pub trait CallAnswer: sealed::Told {}

pub(crate) mod sealed {
    use serde_json::{Map, Value};

    /// The recorded form of an answer.
    pub trait Told {
        fn told(&self) -> Map<String, Value>;
    }

    /// The properties of all requests of a kind.
    pub trait Kind {
        /// The protocol's name of the request.
        const METHOD: &'static str;
        /// The schema name of the client's span.
        const CLIENT: &'static str;
        /// The schema name of the server's span.
        const SERVER: &'static str;

        /// The tool, the resource or the prompt.
        fn subject(&self) -> &str;
    }
}

macro_rules! kinds {
    ($($params:ty: $method:literal, $client:literal, $server:literal, |$this:ident| $subject:expr;)*) => {$(
        impl sealed::Kind for $params {
            const METHOD: &'static str = $method;
            const CLIENT: &'static str = $client;
            const SERVER: &'static str = $server;

            fn subject(&self) -> &str {
                let $this = self;
                $subject
            }
        }

        impl CallParams for $params {}
    )*};
}

kinds! {
    CallToolRequestParams: "tools/call", "mcp:tool_call", "mcp:serve_tool_call", |params| &params.name;
    ReadResourceRequestParams: "resources/read", "mcp:resource", "mcp:serve_resource", |params| &params.uri;
    GetPromptRequestParams: "prompts/get", "mcp:prompt", "mcp:serve_prompt", |params| &params.name;
    CompleteRequestParams: "completion/complete", "mcp:completion", "mcp:serve_completion", |params| &params.argument.name;
}

macro_rules! results {
    ($($result:ty),*) => {$(
        impl sealed::Told for $result {
            fn told(&self) -> Map<String, Value> {
                object(self)
            }
        }

        impl CallAnswer for $result {}
    )*};
}

results!(CallToolResult, CompleteResult, GetPromptResult, ReadResourceResult, ServerResult);

macro_rules! responses {
    ($($response:ident: $($variant:ident),*;)*) => {$(
        impl sealed::Told for $response {
            fn told(&self) -> Map<String, Value> {
                match self {
                    $(Self::$variant(result) => object(result),)*
                    _ => Map::new(),
                }
            }
        }

        impl CallAnswer for $response {}
    )*};
}

responses! {
    CallToolResponse: Complete, InputRequired, Task;
    GetPromptResponse: Complete, InputRequired;
    ReadResourceResponse: Complete, InputRequired;
}

/// A request as it is recorded: its parameters without `_meta`, and a name for people.
pub(crate) fn payload<P: CallParams>(params: &P) -> Map<String, Value> {
    let mut payload = object(params);
    payload.insert("method".to_owned(), P::METHOD.into());
    payload.entry("name").or_insert_with(|| params.subject().into());
    payload
}

/// A value of the protocol as an object, without `_meta`.
pub(crate) fn object<T: Serialize + ?Sized>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(mut object)) => {
            object.remove("_meta");
            object
        }
        _ => Map::new(),
    }
}
