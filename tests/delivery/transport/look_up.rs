//! F24: host names that do not resolve.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use prefactor::Client;
use prefactor::transport::{Request, SendError, SendFuture, Transport};

use crate::support::{Authority, TIMEOUT, assert_ended_by_the_deadline, builder};

#[test]
fn f24_a_name_that_does_not_exist_costs_the_deadline_and_no_more() {
    // RFC 6761 reserves `.invalid` for names that do not exist.
    let builder = builder("https://prefactor.invalid").add_root_certificates_pem(Authority::new().pem());
    assert_ended_by_the_deadline(&with_one_span(builder.build().unwrap()));
}

fn with_one_span(client: Client) -> Client {
    client.register("tester").in_scope(|| prefactor::span("test:unresolved").complete(&()));
    client
}

/// Asks the system for a name that gets no answer: a blocking task that nobody can cancel.
struct Hanging {
    asked: Sender<()>,
    release: Arc<Mutex<Receiver<()>>>,
}

impl Transport for Hanging {
    fn send(&self, _: Request) -> SendFuture<'_> {
        let release = Arc::clone(&self.release);
        let _ = self.asked.send(());
        Box::pin(async move {
            let look_up = move || drop(release.lock().map(|release| release.recv()));
            let _ = tokio::task::spawn_blocking(look_up).await;
            Err(SendError::unanswered("released"))
        })
    }
}

#[test]
fn f24_a_look_up_that_hangs_costs_the_deadline_and_no_more() {
    let (keep, release) = channel();
    let release = Arc::new(Mutex::new(release));
    let (asked, is_asked) = channel();
    let transport = Hanging { asked, release: Arc::clone(&release) };
    let client = with_one_span(Client::builder().transport(transport).build().unwrap());
    is_asked.recv_timeout(TIMEOUT).unwrap();
    assert_ended_by_the_deadline(&client);
    drop(keep); // until here the look-up hung
}
