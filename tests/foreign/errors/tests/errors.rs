//! The names that group errors, where a function returns a type that may hold any error.

use std::error::Error;
use std::fmt;
use std::io;

use eyre::WrapErr as _;
use prefactor::span;
use prefactor::testing::{RecordedSpan, Recorder};
use serde_json::Value;

const SECRET: &str = "the-password-in-a-debug-text";

/// An error whose `Debug` shows more than it may.
#[derive(thiserror::Error)]
#[error("no quota is left")]
struct Quota {
    password: &'static str,
}

impl fmt::Debug for Quota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Quota({:p}, {})", self.password, self.password)
    }
}

#[derive(Debug, thiserror::Error)]
enum Client {
    #[error("the request failed")]
    Io(#[from] io::Error),
    #[error("the plan is used up")]
    Quota(#[source] Quota),
}

type Boxed = Box<dyn Error>;
type SendBoxed = Box<dyn Error + Send + Sync>;

fn parse() -> Result<u8, std::num::ParseIntError> {
    "x".parse()
}

fn lost() -> Client {
    io::Error::new(io::ErrorKind::ConnectionReset, "the connection is lost").into()
}

fn used_up() -> Client {
    Client::Quota(Quota { password: SECRET })
}

/// One function for each error, with the name that it is grouped by, its message and its last source.
macro_rules! errors {
    ($($name:ident: $returned:ty = $value:expr => $error_type:expr, $message:literal, $root:expr;)*) => {
        $(
            #[span("errors:one")]
            fn $name() -> Result<u8, $returned> {
                $value
            }
        )*

        #[test]
        fn error_is_named_after_the_innermost_known_type_or_its_own() {
            $({
                let recorder = Recorder::new();
                recorder.run(|| assert!($name().is_err()));
                let result = failed(&recorder).result;
                let sources = result["sources"].as_array().and_then(|sources| sources.last()).and_then(Value::as_str);
                let recorded = (result["error_type"].as_str(), result["message"].as_str(), sources);
                assert_eq!(recorded, (Some($error_type), Some($message), $root), "{}", stringify!($name));
                let texts = result.to_string();
                assert!(!texts.contains(SECRET) && !texts.contains("0x"), "{texts}");
            })*
        }
    };
}

const PARSE: &str = "core::num::error::ParseIntError";
const DIGIT: &str = "invalid digit found in string";
const IO: &str = "std::io::error::Error";
const RESET: &str = "the connection is lost";

errors! {
    anyhow_of_known: anyhow::Error = Ok(parse()?) => PARSE, "invalid digit found in string", None;
    anyhow_with_context: anyhow::Error = anyhow::Context::context(parse(), "the port") => PARSE, "the port", Some(DIGIT);
    anyhow_with_contexts: anyhow::Error = anyhow::Context::context(Err(anyhow::Error::new(lost()).context("inner")), "outer") => IO, "outer", Some(RESET);
    anyhow_of_own_with_known_source: anyhow::Error = Err(lost().into()) => IO, "the request failed", Some(RESET);
    anyhow_of_own: anyhow::Error = Err(used_up().into()) => "anyhow::Error", "the plan is used up", Some("no quota is left");
    anyhow_of_text: anyhow::Error = Err(anyhow::anyhow!("plain")) => "anyhow::Error", "plain", None;
    eyre_of_known: eyre::Report = Ok(parse()?) => PARSE, "invalid digit found in string", None;
    eyre_with_context: eyre::Report = parse().wrap_err("the port") => PARSE, "the port", Some(DIGIT);
    eyre_with_contexts: eyre::Report = Err(eyre::Report::new(lost()).wrap_err("inner")).wrap_err("outer") => IO, "outer", Some(RESET);
    eyre_of_own_with_known_source: eyre::Report = Err(lost().into()) => IO, "the request failed", Some(RESET);
    eyre_of_own: eyre::Report = Err(used_up().into()) => "eyre::Report", "the plan is used up", Some("no quota is left");
    eyre_of_text: eyre::Report = Err(eyre::eyre!("plain")) => "eyre::Report", "plain", None;
    boxed_known: Boxed = Ok(parse()?) => PARSE, "invalid digit found in string", None;
    boxed_own_with_known_source: Boxed = Err(lost().into()) => IO, "the request failed", Some(RESET);
    boxed_own: Boxed = Err(used_up().into()) => std::any::type_name::<Boxed>(), "the plan is used up", Some("no quota is left");
    boxed_text: Boxed = Err("plain".into()) => std::any::type_name::<Boxed>(), "plain", None;
    send_boxed_known: SendBoxed = Ok(parse()?) => PARSE, "invalid digit found in string", None;
    send_boxed_own_with_known_source: SendBoxed = Err(lost().into()) => IO, "the request failed", Some(RESET);
    send_boxed_own: SendBoxed = Err(used_up().into()) => std::any::type_name::<SendBoxed>(), "the plan is used up", Some("no quota is left");
    own: Client = Err(lost()) => std::any::type_name::<Client>(), "the request failed", Some(RESET);
}

fn failed(recorder: &Recorder) -> RecordedSpan {
    recorder.trace().find("errors:one").clone()
}

#[span("errors:one")]
async fn wait() -> eyre::Result<()> {
    tokio::time::timeout(std::time::Duration::ZERO, std::future::pending::<()>()).await.wrap_err("no answer")
}

#[span("errors:one")]
async fn join() -> color_eyre::Result<()> {
    tokio::spawn(async { panic!("the task") }).await.wrap_err("the task is gone")
}

#[tokio::test(flavor = "current_thread")]
async fn error_of_tokio_in_a_report_of_an_async_function_is_known() {
    color_eyre::install().expect("no other hook is installed");
    let recorder = Recorder::new();
    assert!(recorder.run_async(wait()).await.is_err());
    let error = failed(&recorder).error.expect("the span failed");
    assert_eq!((&*error.error_type, &*error.message), ("tokio::time::error::Elapsed", "no answer"));
    let recorder = Recorder::new();
    assert!(recorder.run_async(join()).await.is_err());
    let error = failed(&recorder).error.expect("the span failed");
    assert_eq!(
        (&*error.error_type, &*error.message),
        ("tokio::runtime::task::error::JoinError", "the task is gone")
    );
}
