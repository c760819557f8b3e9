//! F24: names that lead nowhere.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prefactor::Client;
use prefactor::transport::{Answer, Request, Transport};

use crate::support::{Authority, TIMEOUT, builder, one_span, shut_down};

#[test]
fn f24_a_name_that_does_not_exist_costs_the_deadline_and_no_more() {
    // `.invalid` is reserved for names that do not exist.
    let builder = builder("https://prefactor.invalid").extra_ca_pem(Authority::new().pem());
    let report = one_span(&builder.build().unwrap(), Duration::from_millis(500));
    assert_eq!((report.stats.created, report.stats.acknowledged), (1, 0), "{report}");
}

/// Asks the system for a name, which does not answer: a blocking task that nobody can cancel.
struct Hanging {
    asked: Sender<()>,
    release: Arc<Mutex<Receiver<()>>>,
}

impl Transport for Hanging {
    fn send(&self, _: Request) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        let release = Arc::clone(&self.release);
        let _ = self.asked.send(());
        Box::pin(async move {
            let look_up = move || drop(release.lock().map(|release| release.recv()));
            let _ = tokio::task::spawn_blocking(look_up).await;
            Answer::unknown("released")
        })
    }
}

#[test]
fn f24_a_look_up_that_hangs_costs_the_deadline_and_no_more() {
    let ((asked, is_asked), (keep, release)) = (channel(), channel());
    let transport = Hanging { asked, release: Arc::new(Mutex::new(release)) };
    let client = Client::builder().transport(transport).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:unresolved").complete(&()));
    is_asked.recv_timeout(TIMEOUT).unwrap();
    let report = shut_down(&client, Duration::from_millis(300));
    assert_eq!((report.stats.created, report.stats.acknowledged), (1, 0), "{report}");
    drop(keep); // until here the look-up hung
}
