//! The senders: this crate and others, each in a process of its own, to a server of its own.

pub mod prefactor;

use std::env::current_exe;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::generated::{Package, ROOT, Workspace};
use crate::install::{self, Installed};
use crate::stub::{Counts, Manner, Stub};
use crate::work::TEXT_BYTES;

/// The time limit of the slowest sender.
const DEADLINE: Duration = Duration::from_secs(60);
/// A delay of answers that no sender waits for.
const LATE: Duration = Duration::from_secs(30);
/// A port without a server, which TCP reserves for itself.
pub const NOWHERE: &str = "http://127.0.0.1:1";

/// One way to send spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Own,
    /// This crate, to a receiver of OTLP.
    OwnOtlp,
    Otlp,
    /// fastrace, to a receiver of OTLP.
    Fastrace,
    Python,
    TypeScript,
}

/// The result of a sender.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The caller's time for a span, in microseconds: the last thousandth, and the longest; zero where that is not
    /// measured.
    pub rare: f64,
    pub longest: f64,
    /// Seconds from the last span until all were delivered.
    pub delivery: f64,
    /// Microseconds for each span, from the first until all were delivered.
    pub each: f64,
    /// Microseconds of processor time on all threads for each span.
    pub cpu: f64,
    /// The requests and bytes that arrived for each span.
    pub requests: f64,
    pub bytes: f64,
}

/// The programs that send.
#[derive(Debug)]
pub struct Senders {
    own: PathBuf,
    otlp: Installed,
    /// The sender that the benchmark of exporters adds.
    fastrace: Installed,
    python: Installed,
    typescript: Installed,
    text_bytes: usize,
}

impl Sender {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "prefactor",
            Self::OwnOtlp => "prefactor over OTLP",
            Self::Otlp => "OTLP",
            Self::Fastrace => "fastrace",
            Self::Python => "Python SDK",
            Self::TypeScript => "TypeScript SDK",
        }
    }
}

impl Senders {
    /// Returns this crate alone.
    pub fn own() -> Result<Self> {
        let missing = || Err("not asked for".to_owned());
        Ok(Self {
            own: current_exe()?,
            otlp: missing(),
            fastrace: missing(),
            python: missing(),
            typescript: missing(),
            text_bytes: 256,
        })
    }

    /// Builds and installs them below a folder, the slow way once.
    pub fn build(scratch: &str) -> Result<Self> {
        Ok(Self {
            python: install::run("tests/foreign/official_sdk/install.sh", scratch, "official_sdk")?,
            typescript: install::run("benches/delivery/typescript/install.sh", scratch, "typescript_sdk")?,
            ..Self::with_otlp(scratch)?
        })
    }

    /// This crate, and OpenTelemetry's SDK, which is built below a folder.
    pub fn with_otlp(scratch: &str) -> Result<Self> {
        let manifest = format!(
            "[dependencies]\n\
             opentelemetry = \"0.33\"\n\
             opentelemetry-otlp = {{ version = \"0.33\", default-features = false, features = [\"http-proto\", \"reqwest-blocking-client\", \"trace\"] }}\n\
             opentelemetry_sdk = \"0.33\"\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\
             serde_json = \"1\"\n\n\
             [[bin]]\n\
             name = \"otlp\"\n\
             path = \"{ROOT}/benches/delivery/otlp.rs\"\n"
        );
        let package = Package { name: "otlp", manifest, library: None };
        let workspace = Workspace::new(scratch, "delivery", std::slice::from_ref(&package))?;
        workspace.cargo(&["build", "--release"], package.name)?;
        Ok(Self { otlp: Ok(workspace.binary(package.name).display().to_string()), ..Self::own()? })
    }

    /// Sets the bytes of a text, 256 by default.
    #[must_use]
    pub fn with_texts_of(self, text_bytes: usize) -> Self {
        Self { text_bytes, ..self }
    }

    /// Adds a sender that is built elsewhere.
    #[must_use]
    pub fn with_fastrace(self, fastrace: Installed) -> Self {
        Self { fastrace, ..self }
    }

    /// Returns the reason why a sender is missing, if it is.
    #[must_use]
    pub fn missing(&self, sender: Sender) -> Option<&str> {
        let installed = match sender {
            Sender::Own | Sender::OwnOtlp => return None,
            Sender::Otlp => &self.otlp,
            Sender::Fastrace => &self.fastrace,
            Sender::Python => &self.python,
            Sender::TypeScript => &self.typescript,
        };
        installed.as_ref().err().map(String::as_str)
    }

    /// Sends spans to a server of that behaviour, or to none.
    pub fn run(&self, sender: Sender, manner: Option<Manner>, spans: u32) -> Result<Option<Run>> {
        let stub = manner.map(Stub::start).transpose()?;
        let url = stub.as_ref().map_or(NOWHERE, Stub::url);
        let Some(mut command) = self.command(sender, url, spans) else { return Ok(None) };
        let is_waited_for = manner.is_some_and(|manner| !manner.hangs && manner.latency < LATE);
        let deadline = if is_waited_for { DEADLINE } else { Duration::ZERO };
        let output = command.arg(deadline.as_secs().to_string()).output()?;
        let (name, error) = (sender.name(), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "{name}: {error}");
        let counts = stub.as_ref().map(Stub::counts).unwrap_or_default();
        let all = f64::from(spans);
        ensure!(!is_waited_for || float(counts.ended) >= all, "{name}: {counts:?} of {all}: {error}");
        let numbers: Vec<f64> =
            String::from_utf8(output.stdout)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [delivery, took] =
            numbers.get(..2).and_then(|numbers| numbers.try_into().ok()).context("it prints two numbers")?;
        let [rare, longest, cpu] = [2, 3, 4].map(|place| numbers.get(place).copied().unwrap_or_default());
        let Counts { requests, bytes, ended } = counts;
        let per_span = |count: u64| float(count) / float(ended.max(1));
        Ok(Some(Run {
            rare,
            longest,
            delivery: delivery / 1e6,
            each: took / all,
            cpu: cpu / all,
            requests: per_span(requests),
            bytes: per_span(bytes),
        }))
    }

    fn command(&self, sender: Sender, url: &str, spans: u32) -> Option<Command> {
        let source = |path: &str| OsString::from(format!("{ROOT}/benches/delivery/{path}"));
        let (program, arguments) = match sender {
            Sender::Own => (self.own.clone(), vec![prefactor::CHILD.into()]),
            Sender::OwnOtlp => (self.own.clone(), vec![prefactor::OTLP.into(), prefactor::CHILD.into()]),
            Sender::Otlp => (self.otlp.as_ref().ok()?.into(), Vec::new()),
            Sender::Fastrace => (self.fastrace.as_ref().ok()?.into(), Vec::new()),
            Sender::Python => (self.python.as_ref().ok()?.into(), vec![source("python/sdk.py")]),
            Sender::TypeScript => {
                let modules = self.typescript.as_ref().ok()?;
                (PathBuf::from("node"), vec![source("typescript/sdk.mjs"), modules.into()])
            }
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(url).arg(spans.to_string());
        command.env(TEXT_BYTES, self.text_bytes.to_string());
        Some(command)
    }
}

#[expect(clippy::cast_precision_loss, reason = "the count stays far below the limit")]
fn float(count: u64) -> f64 {
    count as f64
}
