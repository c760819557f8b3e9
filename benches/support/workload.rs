//! The annotated work, the same for every contender: a call of a model, and chains of it.
//!
//! The benchmark and the binary of the other libraries share this file, so that they differ in the attribute only.

use std::fmt;
use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use serde::Serialize;

/// The model's answer.
#[derive(Debug, Serialize)]
pub struct Completion {
    pub text: String,
    pub tokens: usize,
}

/// The model's error.
#[derive(Debug)]
pub struct Error(&'static str);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Error {}

/// One contender: functions under one attribute.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Its name in the table.
    pub name: &'static str,
    /// Calls its sync function `calls` times.
    pub call: fn(u64),
    /// Calls its async function `calls` times.
    pub finish: fn(u64),
    /// The bytes of its futures: chains of one to ten functions.
    pub chain: fn() -> [usize; 10],
    /// The bytes of its future with an argument of 1 KiB.
    pub large: fn() -> usize,
}

pub const MODEL: &str = "small-model";
pub const PROMPT: &str = "Which of the bridges did the agents find, and in which order?";
pub const TEMPERATURE: f32 = 0.5;

/// The model, which has no attribute.
#[inline(never)]
pub fn model(name: &str, prompt: &str, temperature: f32) -> Result<String, Error> {
    if name.is_empty() || temperature > 2.0 {
        return Err(Error("there is no such model"));
    }
    Ok(prompt.to_owned())
}

/// The model behind a connection.
pub async fn remote_model(name: &str, prompt: &str, temperature: f32) -> Result<String, Error> {
    ready(()).await;
    model(name, prompt, temperature)
}

/// Calls a function so many times.
#[inline(never)]
pub fn repeat(count: u64, function: fn(&str, &str, f32) -> Result<Completion, Error>) {
    for _ in 0..count {
        let _ = black_box(function(black_box(MODEL), black_box(PROMPT), black_box(TEMPERATURE)));
    }
}

/// Runs an async function so many times.
#[inline(never)]
pub fn repeat_async<F>(count: u64, function: fn(&'static str, &'static str, f32) -> F)
where
    F: Future<Output = Result<Completion, Error>>,
{
    for _ in 0..count {
        let future = pin!(function(black_box(MODEL), black_box(PROMPT), black_box(TEMPERATURE)));
        let _ = black_box(finish(future));
    }
}

/// Polls a future that is ready at once, behind a pointer, so that no contender's `poll` is inlined into the loop.
#[inline(never)]
#[must_use]
pub fn finish<T>(future: Pin<&mut dyn Future<Output = T>>) -> T {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the model answers at once"),
    }
}

/// Defines a module with a [`Subject`]: its functions, under the attribute for functions and the one for async functions.
macro_rules! subject {
    ($module:ident, $name:literal, [$($call:tt)*], [$($awaited:tt)*]) => {
        pub mod $module {
            use std::future::ready;

            use crate::workload::{
                Completion, Error, MODEL, PROMPT, Subject, TEMPERATURE, chained, model, remote_model, repeat,
                repeat_async,
            };

            pub const SUBJECT: Subject = Subject {
                name: $name,
                call: |count| repeat(count, call),
                finish: |count| repeat_async(count, one),
                chain,
                large: || size_of_val(&large([0; 1024])),
            };

            $($call)*
            #[inline(never)]
            fn call(name: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
                let text = model(name, prompt, temperature)?;
                Ok(Completion { text, tokens: prompt.len() })
            }

            $($awaited)*
            async fn one(name: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
                let text = remote_model(name, prompt, temperature).await?;
                Ok(Completion { text, tokens: prompt.len() })
            }

            chained!([$($awaited)*] two awaits one);
            chained!([$($awaited)*] three awaits two);
            chained!([$($awaited)*] four awaits three);
            chained!([$($awaited)*] five awaits four);
            chained!([$($awaited)*] six awaits five);
            chained!([$($awaited)*] seven awaits six);
            chained!([$($awaited)*] eight awaits seven);
            chained!([$($awaited)*] nine awaits eight);
            chained!([$($awaited)*] ten awaits nine);

            fn chain() -> [usize; 10] {
                [
                    size_of_val(&one(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&two(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&three(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&four(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&five(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&six(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&seven(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&eight(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&nine(MODEL, PROMPT, TEMPERATURE)),
                    size_of_val(&ten(MODEL, PROMPT, TEMPERATURE)),
                ]
            }

            $($awaited)*
            async fn large(prompt: [u8; 1024]) -> usize {
                ready(()).await;
                prompt.len()
            }
        }
    };
}

/// Defines an async function that awaits another with its own arguments.
macro_rules! chained {
    ([$($awaited:tt)*] $function:ident awaits $next:ident) => {
        $($awaited)*
        async fn $function(name: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {
            $next(name, prompt, temperature).await
        }
    };
}

pub(crate) use {chained, subject};
