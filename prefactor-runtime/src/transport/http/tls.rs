//! TLS by rustls with ring, 1.2 at least, always with verification.

use reqwest::ClientBuilder;

use super::address::Address;
use crate::config::settings::Settings;
use crate::types::error::Error;

#[cfg(feature = "rustls")]
pub(super) fn configure(
    builder: ClientBuilder,
    address: &Address,
    settings: &Settings,
) -> Result<ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring};
    use rustls_platform_verifier::Verifier;

    // The provider is given here and not installed for the process: another crate may have installed its own.
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::configuration(format!("TLS cannot be used ({cause})")))?;
    let config = if address.is_clear_text() {
        // Reading the system's store takes tens of milliseconds, fails in bare containers, and is of no use here.
        config.with_root_certificates(RootCertStore::empty())
    } else {
        let verifier = Verifier::new_with_extra_roots(authorities(&settings.root_certificates_pem)?, provider)
            .map_err(|cause| {
                Error::configuration(format!(
                    "no certificate authorities could be loaded for https:// ({cause}): install the package \
                     ca-certificates, set SSL_CERT_FILE to a bundle of them, or give one by add_root_certificates_pem"
                ))
            })?;
        // "Dangerous" is any verifier that is not rustls's own. This one asks the operating system.
        config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

/// The certificates in PEM texts.
#[cfg(feature = "rustls")]
fn authorities(texts: &[Vec<u8>]) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, Error> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    let mut authorities = Vec::new();
    for text in texts {
        let found = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>().unwrap_or_default();
        if found.is_empty() {
            return Err(Error::configuration(
                "add_root_certificates_pem was given no certificates: give it a PEM text, which has a line \
                 -----BEGIN CERTIFICATE-----",
            ));
        }
        authorities.extend(found);
    }
    Ok(authorities)
}

#[cfg(not(feature = "rustls"))]
pub(super) fn configure(
    builder: ClientBuilder,
    address: &Address,
    _: &Settings,
) -> Result<ClientBuilder, Error> {
    use crate::config::settings::variable;

    if address.is_clear_text() {
        return Ok(builder);
    }
    let variable = variable::API_URL;
    Err(Error::configuration(format!(
        "{variable} is an https:// address but prefactor was built without TLS: enable its feature `rustls`"
    )))
}
