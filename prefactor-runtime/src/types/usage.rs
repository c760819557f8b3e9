//! The usage of a model call.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// The usage of a model call: tokens, model, provider, cost and whether a cache answered.
///
/// Set by [`Span::set_usage`](crate::Span::set_usage) or by the attribute's `usage(with = path)`. The names under which it is
/// sent, and who reads them, are in `docs/fields.md`.
///
/// # Examples
///
/// ```
/// use prefactor::{Span, Usage, span};
///
/// #[span("agent:llm_call")]
/// fn ask(prompt: &str) -> String {
///     let usage = Usage::new().with_model("small-1").with_input_tokens(12).with_output_tokens(40);
///     Span::current().set_usage(&usage);
///     prompt.to_uppercase()
/// }
/// # ask("why");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens that the model read, those that a cache held included.
    pub input_tokens: Option<u64>,
    /// Tokens that the model wrote, those of its reasoning included.
    pub output_tokens: Option<u64>,
    /// Input tokens that a cache held.
    pub cached_tokens: Option<u64>,
    /// Output tokens of reasoning.
    pub reasoning_tokens: Option<u64>,
    /// All tokens. If it is not set, the sum of input and output is sent.
    pub total_tokens: Option<u64>,
    /// The model that answered.
    pub model: Option<String>,
    /// The company or server that runs it.
    pub provider: Option<String>,
    /// The cost in US dollars.
    pub cost: Option<f64>,
    /// Whether the whole answer came from a cache of the program.
    pub cache_hit: Option<bool>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $method:ident($type:ty) => $field:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $method(mut self, value: $type) -> Self {
            self.$field = Some(value.into());
            self
        }
    )*};
}

impl Usage {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the tokens that the model read, those that a cache held included.
        with_input_tokens(u64) => input_tokens;
        /// Sets the tokens that the model wrote, those of its reasoning included.
        with_output_tokens(u64) => output_tokens;
        /// Sets the input tokens that a cache held.
        with_cached_tokens(u64) => cached_tokens;
        /// Sets the output tokens of reasoning.
        with_reasoning_tokens(u64) => reasoning_tokens;
        /// Sets the sum of all tokens.
        with_total_tokens(u64) => total_tokens;
        /// Sets the model that answered.
        with_model(impl Into<String>) => model;
        /// Sets the company or server that runs the model.
        with_provider(impl Into<String>) => provider;
        /// Sets the cost in US dollars.
        with_cost(f64) => cost;
        /// Sets whether the whole answer came from a cache of the program.
        with_cache_hit(bool) => cache_hit;
    }

    /// This with everything that `newer` knows.
    #[cfg(feature = "enabled")]
    pub(crate) fn updated(self, newer: Self) -> Self {
        Self {
            input_tokens: newer.input_tokens.or(self.input_tokens),
            output_tokens: newer.output_tokens.or(self.output_tokens),
            cached_tokens: newer.cached_tokens.or(self.cached_tokens),
            reasoning_tokens: newer.reasoning_tokens.or(self.reasoning_tokens),
            total_tokens: newer.total_tokens.or(self.total_tokens),
            model: newer.model.or(self.model),
            provider: newer.provider.or(self.provider),
            cost: newer.cost.or(self.cost),
            cache_hit: newer.cache_hit.or(self.cache_hit),
        }
    }

    /// All tokens: as they were set, else the sum of input and output.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Usage;
    ///
    /// let usage = Usage::new().with_input_tokens(12).with_output_tokens(40);
    /// assert_eq!((usage.total(), usage.with_total_tokens(60).total()), (Some(52), Some(60)));
    /// assert!(Usage::new().is_empty());
    /// ```
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let sum = || Some(self.input_tokens?.saturating_add(self.output_tokens?));
        self.total_tokens.or_else(sum)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The names under which the token counts are sent, in `token_usage`.
    pub(crate) fn tokens(&self) -> [(&'static str, Option<u64>); 5] {
        [
            ("prompt_tokens", self.input_tokens),
            ("completion_tokens", self.output_tokens),
            ("total_tokens", self.total()),
            ("cached_tokens", self.cached_tokens),
            ("reasoning_tokens", self.reasoning_tokens),
        ]
    }
}

/// The members of a result that tell it: `token_usage` and those beside it.
impl Serialize for Usage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let tokens = Tokens(self.tokens());
        if tokens.0.iter().any(|(_, count)| count.is_some()) {
            map.serialize_entry("token_usage", &tokens)?;
        }
        for (name, text) in [("model", &self.model), ("provider", &self.provider)] {
            if let Some(text) = text {
                map.serialize_entry(name, text)?;
            }
        }
        if let Some(cost) = self.cost {
            map.serialize_entry("cost", &cost)?;
        }
        if let Some(is_hit) = self.cache_hit {
            map.serialize_entry("cache_hit", &is_hit)?;
        }
        map.end()
    }
}

struct Tokens([(&'static str, Option<u64>); 5]);

impl Serialize for Tokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(name, count)| Some((name, (*count)?))))
    }
}
