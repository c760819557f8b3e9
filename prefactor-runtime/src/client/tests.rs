use std::time::Duration;

use crate::client::handle::Client;
use crate::span::handle::span;
use crate::transport::http::tests::hanging_transport;

#[test]
fn f24_shutdown_returns_while_a_name_look_up_hangs() {
    let (transport, is_asked, keep) = hanging_transport();
    let client = Client::builder().transport(transport).build().unwrap();
    client.register("tester").in_scope(|| span("test:unresolved").complete(&()));
    is_asked.recv().unwrap();

    let report = client.shutdown(Duration::from_millis(300));
    assert_eq!((report.stats.created, report.stats.acknowledged, report.stats.outstanding), (1, 0, 0));
    assert_eq!(report.stats.dropped_total() + report.stats.unknown, 1, "{report}");
    drop(keep);
}
