//! The builder's methods for the capture of arguments and results: whether, and up to which length.

use crate::client::builder::ClientBuilder;

impl ClientBuilder {
    /// Whether arguments and payloads are captured, `PREFACTOR_CAPTURE_INPUTS`. Default: `true`. If not, every
    /// payload is `{}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use prefactor::{Client, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask(prompt: &str) -> String {
    ///     prompt.to_uppercase()
    /// }
    ///
    /// let recorder = Recorder::with(Client::builder().capture_inputs(false));
    /// recorder.run(|| ask("why"));
    /// let trace = recorder.trace();
    /// let call = trace.find("agent:llm_call");
    /// assert_eq!((&call.payload, &call.result["result"]), (&serde_json::json!({}), &"WHY".into()));
    /// ```
    pub fn capture_inputs(mut self, capture: bool) -> Self {
        self.settings.capture_inputs = Some(capture);
        self
    }

    /// Whether results and errors are captured, `PREFACTOR_CAPTURE_OUTPUTS`. Default: `true`. If not, only the
    /// type of an error is.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use prefactor::{Client, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask(prompt: &str) -> Result<String, std::fmt::Error> {
    ///     # let _ = prompt;
    ///     Err(std::fmt::Error)
    /// }
    ///
    /// let recorder = Recorder::with(Client::builder().capture_outputs(false));
    /// recorder.run(|| ask("why")).unwrap_err();
    /// let trace = recorder.trace();
    /// assert_eq!(trace.find("agent:llm_call").error.as_ref().unwrap().error_type, "core::fmt::Error");
    /// ```
    pub fn capture_outputs(mut self, capture: bool) -> Self {
        self.settings.capture_outputs = Some(capture);
        self
    }

    /// Characters of one text in an argument or a payload, `PREFACTOR_MAX_INPUT_LENGTH`. Default: 10,000. A
    /// longer text keeps its first seven tenths and its last three, with `... [truncated 5000 characters] ...` between them;
    /// the whole is no longer than the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::with(Client::builder().max_input_length(100));
    /// recorder.run(|| prefactor::span("agent:llm_call").start(&serde_json::json!({ "prompt": "long ".repeat(100) })));
    /// let prompt = recorder.trace().find("agent:llm_call").payload["prompt"].to_string();
    /// assert!(prompt.contains("... [truncated"), "{prompt}");
    /// ```
    pub fn max_input_length(mut self, characters: usize) -> Self {
        self.settings.max_input_length = Some(characters);
        self
    }

    /// Characters of an argument that is recorded by its `Debug` because its type has no `Serialize`,
    /// `PREFACTOR_MAX_DEBUG_LENGTH`. Default: 1,024.
    ///
    /// Most of them are handles, such as HTTP clients, whose text says little about the call. An argument that the attribute
    /// names in `debug(…)` may be as long as any other text, and so may a returned value.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().max_debug_length(200);
    /// # drop(builder);
    /// ```
    pub fn max_debug_length(mut self, characters: usize) -> Self {
        self.settings.max_debug_length = Some(characters);
        self
    }

    /// Numbers of one payload in lists of numbers, such as embeddings, `PREFACTOR_MAX_LIST_NUMBERS`. Default: 4,096.
    ///
    /// Every list keeps its first 16 numbers. Beyond those, all lists of a payload together keep this many, in their order. The last
    /// element of a list that was cut is `{"$truncated": n}`, with the number of those left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::with(Client::builder().max_list_numbers(8));
    /// recorder.run(|| prefactor::span("agent:embed").start(&serde_json::json!({ "vector": vec![0.5; 1_000] })));
    /// let vector = recorder.trace().find("agent:embed").payload["vector"].clone();
    /// assert!(vector.as_array().unwrap().last().unwrap()["$truncated"].is_number());
    /// ```
    pub fn max_list_numbers(mut self, numbers: usize) -> Self {
        self.settings.max_list_numbers = Some(numbers);
        self
    }

    /// Characters of one text in a result or an error, `PREFACTOR_MAX_OUTPUT_LENGTH`. Default: 10,000.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().max_output_length(50_000);
    /// # drop(builder);
    /// ```
    pub fn max_output_length(mut self, characters: usize) -> Self {
        self.settings.max_output_length = Some(characters);
        self
    }

    /// Whether usage is taken from results in the usual JSON of model clients, `PREFACTOR_READ_USAGE`. Default: `false`.
    ///
    /// A result with an object `usage` (OpenAI, Anthropic, Mistral and others), `usage_metadata` or `usageMetadata` (Gemini) then
    /// gets a member `token_usage`, as if [`Span::set_usage`](crate::Span::set_usage) had been called. Nothing that is there is
    /// replaced. The delivery thread does it, so the caller pays nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use prefactor::{Client, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask() -> serde_json::Value {
    ///     serde_json::json!({ "model": "m", "usage": { "input_tokens": 3, "output_tokens": 4 } })
    /// }
    ///
    /// let recorder = Recorder::with(Client::builder().read_usage(true));
    /// recorder.run(ask);
    /// assert_eq!(recorder.trace().find("agent:llm_call").result["token_usage"]["total_tokens"], 7);
    /// ```
    pub fn read_usage(mut self, read: bool) -> Self {
        self.settings.read_usage = Some(read);
        self
    }
}
