//! TLS for `https://` addresses: version 1.2 or newer, always with verification.
//!
//! rustls needs a provider of cryptography. One that the program has installed is used; else the one that a feature brings:
//! `rustls` the default of reqwest and of rustls itself (aws-lc-rs), `ring` ring. A crate that switched on another provider
//! than the rest of the program would leave rustls without an implicit choice, and each connection that relies on one would
//! panic. The provider is passed to the HTTP client and never installed for the process.

#[cfg(any(feature = "__rustls", feature = "native-tls"))]
use crate::types::error::Error;

#[cfg(all(feature = "native-tls", not(feature = "__rustls")))]
pub(super) use native_backend::Tls;
#[cfg(not(any(feature = "__rustls", feature = "native-tls")))]
pub(super) use no_backend::Tls;
#[cfg(feature = "__rustls")]
pub(super) use rustls_backend::Tls;

#[cfg(not(any(feature = "__rustls", feature = "native-tls")))]
mod no_backend {
    use reqwest::ClientBuilder;

    use super::super::address::Address;
    use crate::config::settings::Settings;
    use crate::config::variable;
    use crate::types::error::Error;

    /// No TLS.
    pub(in super::super) struct Tls;

    impl Tls {
        pub(in super::super) fn new(address: &Address, _: &Settings) -> Result<Self, Error> {
            if address.is_clear_text() {
                return Ok(Self);
            }
            let variable = variable::API_URL;
            Err(Error::configuration(format!(
                "{variable} is an https:// address but prefactor was built without TLS: enable its feature `rustls`, `ring` or \
                 `native-tls`"
            )))
        }

        #[expect(clippy::unused_self, reason = "the other backends use `self`")]
        pub(in super::super) fn configure(&self, builder: ClientBuilder) -> ClientBuilder {
            builder
        }
    }
}

#[cfg(any(feature = "__rustls", feature = "native-tls"))]
fn not_certificates(problem: &str) -> Error {
    Error::configuration(format!(
        "add_root_certificates_pem was given a text that is not a list of certificates ({problem}): give it PEM, with a \
         block from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- for each"
    ))
}

#[cfg(feature = "__rustls")]
mod rustls_backend {
    use std::error::Error as StdError;
    use std::sync::Arc;

    use reqwest::ClientBuilder;
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::Verifier;

    use super::super::address::Address;
    use crate::config::settings::Settings;
    use crate::types::error::Error;

    /// The set-up of every connection. It is made once for an address, because the system's store of certificate
    /// authorities takes tens of milliseconds to read, and each odd answer needs a new HTTP client.
    pub(in super::super) struct Tls(ClientConfig);

    impl Tls {
        /// Certificate authorities given for a clear-text address are checked all the same.
        pub(in super::super) fn new(address: &Address, settings: &Settings) -> Result<Self, Error> {
            let authorities = authorities(&settings.root_certificates_pem)?;
            // The HTTP library requires a provider even for an http:// address.
            let provider = provider().ok_or_else(no_provider)?;
            config(address, authorities, provider).map(Self)
        }

        pub(in super::super) fn configure(&self, builder: ClientBuilder) -> ClientBuilder {
            builder.tls_backend_preconfigured(self.0.clone())
        }
    }

    fn config(
        address: &Address,
        authorities: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<ClientConfig, Error> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|cause| {
                Error::configuration(format!(
                    "TLS cannot be used ({cause}): install a provider of cryptography with suites of TLS 1.2 or 1.3, or \
                     enable prefactor's feature `rustls` or `ring`"
                ))
                .caused_by(cause)
            })?;
        let config = if address.is_clear_text() {
            // Skips the system's store: reading it takes tens of milliseconds, and fails in bare containers.
            config.with_root_certificates(RootCertStore::empty())
        } else {
            let verifier = Verifier::new_with_extra_roots(authorities, provider).map_err(|cause| {
                if let Some(limit) = file_limit() {
                    return Error::thread(limit);
                }
                Error::configuration(format!(
                    "no certificate authorities could be loaded for https:// ({cause}): install the package \
                     ca-certificates, set SSL_CERT_FILE to a bundle of them, or give one by add_root_certificates_pem"
                ))
                .caused_by(cause)
            })?;
            // rustls calls each verifier but its own dangerous. This one asks the operating system.
            config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        };
        Ok(config.with_no_client_auth())
    }

    /// The error of opening any file, where the process may open no more: its certificates are not at fault then.
    fn file_limit() -> Option<std::io::Error> {
        std::fs::File::open(std::env::current_exe().ok()?).err().filter(Error::is_file_limit)
    }

    /// The provider that the program has installed, else the one that a feature brings.
    fn provider() -> Option<Arc<CryptoProvider>> {
        CryptoProvider::get_default().cloned().or_else(built_in)
    }

    #[cfg(feature = "rustls")]
    #[expect(clippy::unnecessary_wraps, reason = "other features bring none")]
    fn built_in() -> Option<Arc<CryptoProvider>> {
        Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
    }

    #[cfg(all(feature = "ring", not(feature = "rustls")))]
    #[expect(clippy::unnecessary_wraps, reason = "other features bring none")]
    fn built_in() -> Option<Arc<CryptoProvider>> {
        Some(Arc::new(rustls::crypto::ring::default_provider()))
    }

    #[cfg(not(any(feature = "rustls", feature = "ring")))]
    fn built_in() -> Option<Arc<CryptoProvider>> {
        None
    }

    fn no_provider() -> Error {
        Error::configuration(
            "rustls needs a provider of cryptography and this program has none: install one before the client is \
             made, as with rustls::crypto::aws_lc_rs::default_provider().install_default(), or enable prefactor's \
             feature `rustls` or `ring`",
        )
    }

    fn refused(block: usize, cause: impl StdError + Send + Sync + 'static) -> Error {
        super::not_certificates(&format!("block {block}: {cause}")).caused_by(cause)
    }

    /// The certificates in PEM texts. One block that cannot be read refuses the whole text.
    fn authorities(texts: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, Error> {
        let mut authorities = Vec::new();
        for text in texts {
            let before = authorities.len();
            for block in CertificateDer::pem_slice_iter(text) {
                let number = authorities.len() - before + 1;
                let block = block.map_err(|cause| refused(number, cause))?;
                // The verifier would blame the system's authorities for it.
                RootCertStore::empty().add(block.clone()).map_err(|cause| refused(number, cause))?;
                authorities.push(block);
            }
            if authorities.len() == before {
                return Err(super::not_certificates("it has no block CERTIFICATE"));
            }
        }
        Ok(authorities)
    }
}

#[cfg(all(feature = "native-tls", not(feature = "__rustls")))]
mod native_backend {
    use reqwest::{Certificate, ClientBuilder, tls::Version};

    use super::super::address::Address;
    use crate::config::settings::Settings;
    use crate::types::error::Error;

    /// The certificate authorities besides those of the system.
    pub(in super::super) struct Tls(Vec<Certificate>);

    impl Tls {
        pub(in super::super) fn new(_: &Address, settings: &Settings) -> Result<Self, Error> {
            let mut authorities = Vec::new();
            for text in &settings.root_certificates_pem {
                let found = Certificate::from_pem_bundle(text)
                    .map_err(reqwest::Error::without_url)
                    .map_err(|cause| super::not_certificates(&cause.to_string()).caused_by(cause))?;
                if found.is_empty() {
                    return Err(super::not_certificates("it has no block CERTIFICATE"));
                }
                authorities.extend(found);
            }
            Ok(Self(authorities))
        }

        pub(in super::super) fn configure(&self, builder: ClientBuilder) -> ClientBuilder {
            let builder = builder.tls_backend_native().min_tls_version(Version::TLS_1_2);
            builder.tls_certs_merge(self.0.iter().cloned())
        }
    }
}
