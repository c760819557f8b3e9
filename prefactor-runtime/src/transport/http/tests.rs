use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use reqwest::dns::{Name, Resolve, Resolving};

use super::*;
use crate::config::token::TokenSource;

fn transport(url: &str, resolver: impl Resolve + 'static) -> HttpTransport {
    let address = Address::parse(url, true).unwrap();
    let token = Token::new(TokenSource::Fixed("secret-token".to_owned().into())).unwrap();
    let builder = client_builder(&address, Duration::from_secs(3_600)).unwrap();
    let builder = Tls::new(&address, &Settings::default()).unwrap().configure(builder);
    HttpTransport::of_client(build(builder.dns_resolver(Arc::new(resolver))).unwrap(), &address, token)
}

/// Hangs in a blocking task, as the look-up of the operating system does, until the test lets it go.
struct Hanging {
    asked: Sender<()>,
    release: Arc<std::sync::Mutex<Receiver<()>>>,
}

impl Resolve for Hanging {
    fn resolve(&self, _: Name) -> Resolving {
        let release = Arc::clone(&self.release);
        let _ = self.asked.send(());
        Box::pin(async move {
            let wait = move || drop(release.lock().map(|release| release.recv()));
            let _ = tokio::task::spawn_blocking(wait).await;
            Err("released".into())
        })
    }
}

/// A transport whose look-ups hang, what hears of each look-up, and what lets them go when it is dropped.
pub(crate) fn hanging_transport() -> (HttpTransport, Receiver<()>, Sender<()>) {
    let ((asked, is_asked), (keep, release)) = (channel(), channel());
    let resolver = Hanging { asked, release: Arc::new(std::sync::Mutex::new(release)) };
    (transport("http://hangs.example", resolver), is_asked, keep)
}

#[test]
fn s2_the_token_is_not_in_the_debug_text() {
    let (asked, _) = channel();
    let (_, release) = channel();
    let resolver = Hanging { asked, release: Arc::new(std::sync::Mutex::new(release)) };
    let text = format!("{:?}", transport("http://127.0.0.1:4000", resolver));
    assert!(text.contains("Sensitive"), "the headers are in it: {text}");
    assert!(!text.contains("secret-token"), "{text}");
}

#[test]
fn source_of_an_http_client_that_cannot_be_built_is_the_error_of_the_library() {
    let error = build(reqwest::Client::builder().user_agent("two\nlines")).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("the proxy variables"), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<reqwest::Error>() && error.to_string().contains(&source.to_string()), "{source:?}");
}
