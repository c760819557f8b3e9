//! The annotated work, the same for every contender: an agent's call of a model, three levels deep.

use std::fmt;
use std::future::{Future, ready};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

/// Spans of one call: one a level.
pub(crate) const LEVELS: u32 = 3;

const MODEL: &str = "small-model";
const TEMPERATURE: f32 = 0.5;

/// The text of prompts and answers: prose as models read and write it.
const PROSE: &str = "The agent wrote:\n\"Which of the bridges did you find, and in which order?\"\nThe model said it was not sure, and asked for the map. ";

/// The model's answer.
#[derive(Debug, Serialize)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) tokens: usize,
}

/// The model's error.
#[derive(Debug)]
pub(crate) struct Error(&'static str);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Error {}

/// The model, which has no attribute. Its answer is as long as the prompt.
pub(crate) async fn model(name: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
    ready(()).await;
    answer(name, prompt, temperature)
}

#[inline(never)]
fn answer(name: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
    if name.is_empty() || temperature > 2.0 {
        return Err(Error("there is no such model"));
    }
    Ok(Completion { text: prompt.to_owned(), tokens: prompt.len() })
}

/// Prompts of one length, all different: the levels of a call share one, and the next call has another.
pub(crate) type Prompts = &'static [&'static str];

/// Bytes of all prompts, unless they would be too few prompts.
const BYTES_OF_PROMPTS: usize = 512 << 10;
const MIN_PROMPTS: usize = 400;

/// The prompts.
pub(crate) fn prompts(bytes: usize) -> Prompts {
    let prompt = |number| -> &'static str {
        format!("{number}. ").chars().chain(PROSE.chars().cycle()).take(bytes).collect::<String>().leak()
    };
    (0..(BYTES_OF_PROMPTS / bytes).max(MIN_PROMPTS)).map(prompt).collect::<Vec<_>>().leak()
}

/// The executor: one thread that runs one future.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime can be made")
}

/// The measured loop: calls a contender's function, and nothing else.
pub(crate) type Calls = fn(&Runtime, Prompts, u32);

/// Makes the calls. Callgrind counts the instructions of this function alone, by its name.
#[inline(never)]
pub(crate) fn measured_calls<F>(
    runtime: &Runtime,
    prompts: Prompts,
    count: u32,
    function: fn(&'static str, &'static str, f32) -> F,
) where
    F: Future<Output = Result<Completion, Error>>,
{
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let first = CALLS.fetch_add(count as usize, Relaxed);
    let prompts = prompts.iter().cycle().skip(first % prompts.len());
    runtime.block_on(async {
        for prompt in prompts.take(count as usize) {
            let completion = function(black_box(MODEL), black_box(*prompt), black_box(TEMPERATURE)).await;
            let _ = black_box(completion);
        }
    });
}

/// Defines the three levels, each under the same attribute, and their calls. An attribute that writes names of
/// arguments finds them only if they come from the same place as it. `in` names the wrapper that makes each call a
/// trace of its own.
macro_rules! levels {
    ($(#[$attribute:meta])* ($model:ident, $prompt:ident, $temperature:ident) in $traced:path) => {
        $crate::work::levels!($(#[$attribute])* ($model, $prompt, $temperature));

        pub(crate) fn traced_calls(runtime: &tokio::runtime::Runtime, prompts: $crate::work::Prompts, count: u32) {
            $crate::work::measured_calls(runtime, prompts, count, |model, prompt, temperature| {
                $traced(run_agent(model, prompt, temperature))
            });
        }
    };
    ($(#[$attribute:meta])* ($model:ident, $prompt:ident, $temperature:ident)) => {
        pub(crate) fn calls(runtime: &tokio::runtime::Runtime, prompts: $crate::work::Prompts, count: u32) {
            $crate::work::measured_calls(runtime, prompts, count, run_agent);
        }

        $(#[$attribute])*
        async fn run_agent($model: &str, $prompt: &str, $temperature: f32) -> Result<Completion, Error> {
            take_turn($model, $prompt, $temperature).await
        }

        $(#[$attribute])*
        async fn take_turn($model: &str, $prompt: &str, $temperature: f32) -> Result<Completion, Error> {
            call_llm($model, $prompt, $temperature).await
        }

        $(#[$attribute])*
        async fn call_llm($model: &str, $prompt: &str, $temperature: f32) -> Result<Completion, Error> {
            $crate::work::model($model, $prompt, $temperature).await
        }
    };
}

/// Does the same where the work of an attribute is done by hand: `$traced` takes the arguments and the future of the
/// body.
macro_rules! levels_by_hand {
    ($traced:path, in $trace:path) => {
        $crate::work::levels_by_hand!($traced);

        pub(crate) fn traced_calls(runtime: &tokio::runtime::Runtime, prompts: $crate::work::Prompts, count: u32) {
            $crate::work::measured_calls(runtime, prompts, count, |model, prompt, temperature| {
                $trace(run_agent(model, prompt, temperature))
            });
        }
    };
    ($traced:path) => {
        pub(crate) fn calls(runtime: &tokio::runtime::Runtime, prompts: $crate::work::Prompts, count: u32) {
            $crate::work::measured_calls(runtime, prompts, count, run_agent);
        }

        async fn run_agent(model: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
            $traced(Arguments { model, prompt, temperature }, take_turn(model, prompt, temperature)).await
        }

        async fn take_turn(model: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
            $traced(Arguments { model, prompt, temperature }, call_llm(model, prompt, temperature)).await
        }

        async fn call_llm(model: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
            let body = $crate::work::model(model, prompt, temperature);
            $traced(Arguments { model, prompt, temperature }, body).await
        }
    };
}

/// The arguments, for contenders that make JSON of them at once.
#[derive(Serialize)]
pub(crate) struct Arguments<'a> {
    pub(crate) model: &'a str,
    pub(crate) prompt: &'a str,
    pub(crate) temperature: f32,
}

pub(crate) use {levels, levels_by_hand};
