//! The builder's methods for destinations: the API, processors and exporters, a spool.

use std::sync::Arc;

use crate::client::builder::ClientBuilder;
use crate::client::destinations::Destination;
#[cfg(feature = "spool")]
use crate::config::spool::SpoolOptions;
use crate::export::console::ConsoleProcessor;
use crate::export::exporter::SpanExporter;
use crate::export::file::FileExporter;
use crate::export::lane::Sink;
#[cfg(feature = "openai")]
use crate::export::openai::OpenAi;
#[cfg(feature = "otlp")]
use crate::export::otlp::Otlp;
use crate::export::processor::SpanProcessor;
use crate::transport::Transport;

impl ClientBuilder {
    /// Keeps waiting spans on disk as well, `PREFACTOR_SPOOL_DIR`, so that no end of the process loses them: a kill, an
    /// exit without a shutdown, a shutdown whose deadline came first.
    ///
    /// The delivery thread writes each span some milliseconds after it was accepted, redacted and without the token, to files
    /// that their owner alone may read. The next process of the same agent delivers the spans that are left there, or one that runs beside
    /// it: with the same ids and idempotency keys, so that nothing takes effect twice. A run that was cut off ends as `failed` at
    /// the time of its last record, and its open spans with the error type `process_died`.
    ///
    /// With a spool a [flush](crate::Client::flush) returns when all is written, and synced as [`Fsync`](crate::Fsync) says; it does not wait
    /// for the server. A directory that cannot be written is no error: spans are kept in memory then, one line is logged, and
    /// they are counted as [`unspooled`](crate::Stats::unspooled).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// let _prefactor = Client::builder().spool("/var/spool/researcher").install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[cfg(feature = "spool")]
    pub fn spool(mut self, options: impl Into<SpoolOptions>) -> Self {
        self.settings.spool = Some(options.into());
        self
    }

    /// Sends requests by other means than HTTP.
    ///
    /// A process that is forked off uses it too, unlike the connections of HTTP, which each process has for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::transport::{Request, Response, SendFuture, Transport};
    ///
    /// /// Answers every request without sending it.
    /// struct NotFound;
    ///
    /// impl Transport for NotFound {
    ///     fn send(&self, _: Request) -> SendFuture<'_> {
    ///         Box::pin(async { Ok(Response::new(404, "{}")) })
    ///     }
    /// }
    ///
    /// let client = Client::builder().api_token("a-token").transport(NotFound).build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Adds a processor, which hears of each run and span on a thread of its own.
    ///
    /// The client then reports to its processors alone, and needs no address and no token, unless
    /// [`prefactor`](ClientBuilder::prefactor) or [`transport`](ClientBuilder::transport) is called as well. A forked process
    /// has none of them, for their threads do not exist there.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::export::MemoryProcessor;
    ///
    /// let memory = MemoryProcessor::new();
    /// let client = Client::builder().processor(memory.clone()).build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn processor(mut self, processor: impl SpanProcessor) -> Self {
        self.destinations.push(Destination::Sink(Sink::Processor(Box::new(processor))));
        self
    }

    /// Adds an exporter, which gets batches of ended spans and runs on a thread of its own. The rules for a
    /// [`processor`](ClientBuilder::processor) apply.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::export::{Batch, ExportFuture, ExportOutcome, SpanExporter};
    ///
    /// struct Print;
    ///
    /// impl SpanExporter for Print {
    ///     fn export(&self, batch: Batch) -> ExportFuture<'_> {
    ///         Box::pin(async move {
    ///             batch.spans().iter().for_each(|span| println!("{} {}", span.schema_name, span.status));
    ///             ExportOutcome::accepted()
    ///         })
    ///     }
    /// }
    ///
    /// let client = Client::builder().exporter(Print).build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn exporter(mut self, exporter: impl SpanExporter) -> Self {
        self.destinations.push(Destination::Sink(Sink::exporter(exporter)));
        self
    }

    /// Prints each run as a tree on standard error while it happens: see
    /// [`ConsoleProcessor`](crate::export::ConsoleProcessor). The rules for a [`processor`](ClientBuilder::processor) apply.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// let _prefactor = Client::builder().console().install()?; // needs no account
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn console(mut self) -> Self {
        self.destinations.push(Destination::Console(ConsoleProcessor::new()));
        self
    }

    /// Appends runs and spans to a file of JSON Lines: a path, or a [`FileExporter`]. The rules for a
    /// [`processor`](ClientBuilder::processor) apply.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// let _prefactor = Client::builder().file("spans.jsonl").install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn file(mut self, file: impl Into<FileExporter>) -> Self {
        self.destinations.push(Destination::File(file.into()));
        self
    }

    /// Sends spans to a receiver of OTLP: see [`Otlp`]. The rules for a [`processor`](ClientBuilder::processor) apply.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    /// use prefactor::export::otlp;
    ///
    /// let _prefactor = Client::builder().prefactor().otlp(otlp::phoenix()).install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, otlp: Otlp) -> Self {
        self.destinations.push(Destination::Otlp(Box::new(otlp)));
        self
    }

    /// Sends spans to OpenAI's traces: see [`OpenAi`]. The rules for a [`processor`](ClientBuilder::processor) apply.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    /// use prefactor::export::OpenAi;
    ///
    /// let _prefactor = Client::builder().prefactor().openai(OpenAi::new()).install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[cfg(feature = "openai")]
    pub fn openai(mut self, openai: OpenAi) -> Self {
        self.destinations.push(Destination::OpenAi(Box::new(openai)));
        self
    }

    /// Reports to the Prefactor API, beside the processors. Without a processor it does so anyway.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    /// # struct CostMeter;
    /// # impl prefactor::export::SpanProcessor for CostMeter {}
    ///
    /// let _prefactor = Client::builder().prefactor().processor(CostMeter).install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn prefactor(mut self) -> Self {
        self.sends_to_prefactor = true;
        self
    }
}
