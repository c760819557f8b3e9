//! Authorities and the certificates that they sign.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion};

/// A certificate authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A server's certificate and its key.
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for those hosts.
    pub(crate) fn sign(&self, hosts: &[&str]) -> Identity {
        self.sign_until(hosts, 2999)
    }

    /// A certificate that has expired.
    pub(crate) fn sign_expired(&self, hosts: &[&str]) -> Identity {
        self.sign_until(hosts, 2001)
    }

    fn sign_until(&self, hosts: &[&str], year: i32) -> Identity {
        let mut params = params(hosts);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        Identity::new(params.signed_by(&key, &self.issuer).unwrap().der().clone(), &key)
    }
}

impl Identity {
    /// A certificate that no authority signed.
    pub(crate) fn self_signed(hosts: &[&str]) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::new(params(hosts).self_signed(&key).unwrap().der().clone(), &key)
    }

    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        Self { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() }
    }
}

fn params(hosts: &[&str]) -> CertificateParams {
    CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap()
}

pub(crate) fn server_config(
    identity: Identity,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key);
    Arc::new(config.unwrap())
}
