//! The contenders: binaries of a workspace of their own, because some of them need a newer compiler than this crate.

use std::path::PathBuf;

use anyhow::Result;

use prefactor_benches::generated::{Package, ROOT, Workspace};

/// One way to record the work: its name in the binaries.
pub(crate) type Name = &'static str;

/// No recording: the base of all others.
pub(crate) const PLAIN: Name = "plain";
/// `#[span]`.
pub(crate) const OWN: Name = "prefactor";
/// `#[trace(properties)]`: the arguments as text, no result. Each call of the agent is a trace.
pub(crate) const FASTRACE: Name = "fastrace";
/// The same, with a thousand spans in a trace.
pub(crate) const FASTRACE_ONE_TRACE: Name = "fastrace-one-trace";
/// Arguments and result through `serde_json`.
pub(crate) const FASTRACE_JSON: Name = "fastrace-json";
/// `tracing` with OpenTelemetry's SDK, through `serde_json`.
pub(crate) const TRACING: Name = "tracing-json";
/// The values copied as they are, with no product around them.
pub(crate) const FLOOR: Name = "floor";

const DEPENDENCIES: &str = r#"[features]
peers = ["dep:fastrace", "dep:opentelemetry", "dep:opentelemetry_sdk", "dep:tracing", "dep:tracing-opentelemetry", "dep:tracing-subscriber"]

[dependencies]
allocation-counter = "0.8"
cpu-time = "1"
fastrace = { version = "0.7", features = ["enable"], optional = true }
memchr = "2"
opentelemetry = { version = "0.33", optional = true }
opentelemetry_sdk = { version = "0.33", optional = true }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["rt"] }
tracing = { version = "0.1", optional = true }
tracing-opentelemetry = { version = "0.34", optional = true }
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry"], optional = true }
"#;

/// The binaries to be executed.
pub(crate) struct Contenders {
    /// Runs a contender by the clock, or for callgrind.
    pub(crate) timed: PathBuf,
    /// Runs a contender with an allocator that counts.
    pub(crate) counted: PathBuf,
}

impl Contenders {
    /// Builds them with optimisation.
    pub(crate) fn build() -> Result<Self> {
        Self::build_with(&["build", "--release", "--features", "peers"], "release")
    }

    /// Builds those that need no other library, without optimisation: to see that they still run.
    pub(crate) fn build_own() -> Result<Self> {
        Self::build_with(&["build"], "debug")
    }

    fn build_with(command: &[&str], profile: &str) -> Result<Self> {
        let binary = |name| {
            format!("[[bin]]\nname = \"{name}\"\npath = \"{ROOT}/benches/span_cost/child/{name}.rs\"\n")
        };
        let own = format!(
            "prefactor = {{ path = \"{ROOT}\", default-features = false, features = [\"enabled\"] }}\n"
        );
        let manifest = [DEPENDENCIES, &own, &binary("timed"), &binary("counted")].join("\n");
        let package = Package { name: "contenders", manifest, library: None };
        let workspace = Workspace::new(crate::SCRATCH, "span-cost", std::slice::from_ref(&package))?;
        workspace.cargo(command, package.name)?;
        let binary = |name| workspace.binary_of(profile, name);
        Ok(Self { timed: binary("timed"), counted: binary("counted") })
    }
}
