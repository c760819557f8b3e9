//! The builder's methods for delivery: the queue, requests, TLS, and how long an end may take.

use std::time::Duration;

use crate::client::builder::ClientBuilder;

impl ClientBuilder {
    /// How many operations may wait for delivery before new spans are dropped and counted, `PREFACTOR_MAX_QUEUE_OPERATIONS`. An
    /// operation is the start or the end of a span. Default: one for each 256 bytes of [`max_queue_bytes`](ClientBuilder::max_queue_bytes), so that
    /// the bytes decide for spans of ordinary size; at most 2,097,152, to which larger values are reduced.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().max_queue_operations(10_000);
    /// # drop(builder);
    /// ```
    pub fn max_queue_operations(mut self, operations: usize) -> Self {
        self.settings.max_queue_operations = Some(operations);
        self
    }

    /// How many bytes of payloads may wait for delivery before new spans are dropped and counted, `PREFACTOR_MAX_QUEUE_BYTES`.
    /// Default: 64 MiB; at most 512 GiB, to which larger values are reduced. The queue takes memory only for waiting operations: these bytes, and
    /// about 300 more for each operation.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().max_queue_bytes(16 << 20); // 16 MiB
    /// # drop(builder);
    /// ```
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_queue_bytes = Some(bytes);
        self
    }

    /// How long one request may take, from the connection to the last byte of the answer, `PREFACTOR_REQUEST_TIMEOUT` in
    /// seconds. Default: 10 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().request_timeout(Duration::from_secs(30));
    /// # drop(builder);
    /// ```
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = Some(timeout);
        self
    }

    /// Whether the token may be sent in clear text to another machine: whether an `http://` address is accepted that
    /// is not a loopback address, `PREFACTOR_ALLOW_INSECURE_HTTP`. Default: `false`. Everybody on the way can then read the token and the spans.
    ///
    /// Such an address is never reached through a proxy, and building the client logs a warning.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().api_url("http://collector.internal:4000").allow_insecure_http(true);
    /// # drop(builder);
    /// ```
    #[cfg(feature = "http")]
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.settings.allow_insecure_http = Some(allow);
        self
    }

    /// Trusts further certificate authorities for `https://`, besides those of the operating system (on Linux those
    /// in `SSL_CERT_FILE` and `SSL_CERT_DIR`, where these are set). Takes a PEM text with one or more certificates,
    /// and may be called more than once. Verification itself cannot be turned off.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let _prefactor = Client::builder().add_root_certificates_pem(std::fs::read("company-ca.pem")?).install()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(any(feature = "__rustls", feature = "native-tls"))]
    pub fn add_root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates_pem.push(pem.into());
        self
    }

    /// How long the [`ShutdownGuard`](crate::ShutdownGuard) may block when it is dropped, `PREFACTOR_SHUTDOWN_TIMEOUT` in seconds. Default:
    /// 5 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().shutdown_timeout(Duration::from_secs(2));
    /// # drop(builder);
    /// ```
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = Some(timeout);
        self
    }

    /// How long the program may drain after a signal before [`Client::shutdown_on_signal`](crate::Client::shutdown_on_signal) ends it,
    /// `PREFACTOR_DRAIN_TIMEOUT` in seconds. Default: 10 s.
    ///
    /// Together with the shutdown timeout it should be shorter than the time after which the service manager kills the process:
    /// 30 s with Kubernetes, 10 s with `docker stop`, 90 s with systemd.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder()
    ///     .drain_timeout(Duration::from_secs(20))
    ///     .shutdown_timeout(Duration::from_secs(5));
    /// # drop(builder);
    /// ```
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.settings.drain_timeout = Some(timeout);
        self
    }

    /// Delivers when the process exits before the end of `main`, for at most `timeout`, capped at 2 s. Default: off, so that such
    /// a process loses its queued spans.
    ///
    /// For programs that leave by [`std::process::exit`], or keep the [`ShutdownGuard`](crate::ShutdownGuard) in a static. A process that is ended
    /// by a signal or by [`std::process::abort`] runs no hooks: for signals there is
    /// [`Client::shutdown_on_signal`](crate::Client::shutdown_on_signal). Has no effect on Windows, where `exit` runs no hooks either.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), prefactor::Error> {
    /// let _prefactor = Client::builder().shutdown_on_exit(Duration::from_secs(2)).install()?;
    /// // the agent
    /// std::process::exit(3)
    /// # }
    /// ```
    pub fn shutdown_on_exit(mut self, timeout: Duration) -> Self {
        self.settings.exit_hook = Some(timeout);
        self
    }
}
