//! TLS in front of another server of this machine.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

pub(crate) struct TlsServer {
    address: SocketAddr,
    authority: String,
}

impl TlsServer {
    /// Listens for as long as the test program lives, and passes on what it hears.
    pub(crate) fn in_front_of(target: SocketAddr) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are good names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![Ipv6Addr::LOCALHOST.to_string()]).expect("an address");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
        // A build of the whole workspace also contains another package's `ring`, so the provider is named.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("a version of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a key and its certificate");
        let listener =
            std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, target.port())).expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || serve(listener, Arc::new(config), target));
        Self { address, authority: issuer.pem() }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate of the authority, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }
}

fn serve(listener: std::net::TcpListener, config: Arc<ServerConfig>, target: SocketAddr) {
    let acceptor = TlsAcceptor::from(config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a socket");
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await?;
                let mut server = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
}
