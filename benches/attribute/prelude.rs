// `sources.rs` puts this text at the beginning of each generated library.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub type Boxed<'a> = Pin<Box<dyn Future<Output = Result<Completion, Error>> + 'a>>;

#[derive(Debug, serde::Serialize)]
pub struct Completion {
    pub text: String,
    pub tokens: usize,
}

#[derive(Debug)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

#[inline(never)]
fn ask(name: &str, prompt: &str, temperature: f32) -> Result<String, Error> {
    if temperature > 2.0 { Err(Error(name.to_owned())) } else { Ok(prompt.to_owned()) }
}

async fn ask_remote(name: &str, prompt: &str, temperature: f32) -> Result<String, Error> {
    std::future::ready(()).await;
    ask(name, prompt, temperature)
}

static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

fn observed<R>(name: &str, body: impl FnOnce() -> R) -> R {
    CALLS.fetch_add(1, Relaxed);
    let value = body();
    BYTES.fetch_add(name.len() as u64, Relaxed);
    value
}

async fn observed_async<R>(name: &str, body: impl Future<Output = R>) -> R {
    CALLS.fetch_add(1, Relaxed);
    let value = body.await;
    BYTES.fetch_add(name.len() as u64, Relaxed);
    value
}

fn captured<A: serde::Serialize, T: serde::Serialize, E: std::fmt::Display>(
    name: &str,
    arguments: &A,
    body: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    keep(name, serde_json::to_string(arguments));
    let value = body();
    keep_result(name, &value);
    value
}

async fn captured_async<A: serde::Serialize, T: serde::Serialize, E: std::fmt::Display>(
    name: &str,
    arguments: &A,
    body: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    keep(name, serde_json::to_string(arguments));
    let value = body.await;
    keep_result(name, &value);
    value
}

fn keep_result<T: serde::Serialize, E: std::fmt::Display>(name: &str, result: &Result<T, E>) {
    match result {
        Ok(value) => keep(name, serde_json::to_string(value)),
        Err(error) => keep(name, Ok(error.to_string())),
    }
}

fn keep(name: &str, text: serde_json::Result<String>) {
    BYTES.fetch_add((name.len() + text.map_or(0, |text| text.len())) as u64, Relaxed);
}
