//! The same faults for each exporter over HTTP.

use std::time::Duration;

use prefactor::export::{Health, MemoryProcessor};
use prefactor::{Client, DropReason};
use prefactor_tests::nobody::Nobody;
use prefactor_tests::receiver::{Receiver, Reply};

use crate::support::{KINDS, Kind, TIMEOUT, record, stats};

#[test]
fn accepted_batch_is_acknowledged_once() {
    for kind in KINDS {
        let receiver = Receiver::start([]);
        let client = kind.client(&receiver);
        record(&client, 0..300);
        assert!(client.shutdown(TIMEOUT).is_complete, "{kind:?}");
        let stats = stats(&client);
        assert_eq!((stats.acknowledged, stats.retries), (300, 0), "{kind:?} {stats:?}");
        assert_eq!(stats.requests, receiver.requests().len() as u64, "{kind:?}");
    }
}

#[test]
fn busy_server_gets_the_same_again_after_the_time_that_it_asked_for() {
    for kind in KINDS {
        for status in [429, 502, 503, 504] {
            let receiver = Receiver::start([Reply::Status(status, "retry-after: 1\r\n", Vec::new())]);
            let client = kind.client(&receiver);
            record(&client, 0..3);
            assert!(client.flush(TIMEOUT).is_complete, "{kind:?} {status}");
            let requests = receiver.requests();
            assert_eq!(requests.len(), 2, "{kind:?} {status}");
            assert_eq!(requests[0].body, requests[1].body, "{kind:?} {status}");
            assert!(requests[1].at - requests[0].at >= Duration::from_millis(950), "{kind:?} {status}");
            assert_eq!((stats(&client).acknowledged, stats(&client).retries), (3, 1), "{kind:?} {status}");
        }
    }
}

#[test]
fn connection_that_ends_without_an_answer_is_tried_again() {
    for kind in KINDS {
        let receiver = Receiver::start([Reply::Close, Reply::Close]);
        let client = kind.client(&receiver);
        record(&client, 0..3);
        assert!(client.flush(TIMEOUT).is_complete, "{kind:?}");
        assert_eq!(stats(&client).acknowledged, 3, "{kind:?}");
        assert_eq!(client.processor_health()[0].1, Health::Working, "{kind:?}");
    }
}

#[test]
fn batch_with_a_final_answer_is_sent_once_and_dropped_by_its_reason() {
    let table = [
        (Kind::Otlp, 400, DropReason::Rejected),
        (Kind::Otlp, 401, DropReason::Auth),
        (Kind::Otlp, 404, DropReason::Rejected),
        (Kind::Otlp, 405, DropReason::Rejected),
        (Kind::Otlp, 415, DropReason::Rejected),
        (Kind::Otlp, 422, DropReason::Rejected),
        (Kind::Otlp, 500, DropReason::Rejected),
        (Kind::Otlp, 501, DropReason::Rejected),
        (Kind::OpenAi, 400, DropReason::Rejected),
        (Kind::OpenAi, 401, DropReason::Auth),
        (Kind::OpenAi, 403, DropReason::Auth),
        (Kind::OpenAi, 404, DropReason::Rejected),
        (Kind::OpenAi, 422, DropReason::Rejected),
    ];
    for (kind, status, reason) in table {
        let receiver = Receiver::start([Reply::status(status)]);
        let client = kind.client(&receiver);
        record(&client, 0..1);
        assert!(client.flush(TIMEOUT).is_complete, "{kind:?} {status}");
        assert_eq!(receiver.requests().len(), 1, "{kind:?} {status}");
        assert_eq!(stats(&client).dropped(reason), 1, "{kind:?} {status} {:?}", stats(&client));
        assert_eq!(client.processor_health()[0].1, Health::Failing, "{kind:?} {status}");
        record(&client, 1..2);
        assert!(client.shutdown(TIMEOUT).is_complete);
        assert_eq!(stats(&client).acknowledged, 1, "{kind:?} {status}");
    }
}

#[test]
fn redirect_is_not_followed_with_the_key() {
    for kind in KINDS {
        let other = Receiver::start([]);
        let location: &'static str = format!("location: {}/v1/traces\r\n", other.url()).leak();
        let receiver = Receiver::start([Reply::Status(307, location, Vec::new())]);
        let client = kind.client(&receiver);
        record(&client, 0..1);
        assert!(client.shutdown(TIMEOUT).is_complete, "{kind:?}");
        assert_eq!((receiver.requests().len(), other.requests().len()), (1, 0), "{kind:?}");
        assert_eq!(stats(&client).dropped(DropReason::Rejected), 1, "{kind:?}");
    }
}

#[test]
fn body_that_is_too_large_is_sent_in_halves() {
    for kind in KINDS {
        let receiver = Receiver::start([Reply::status(413), Reply::status(413)]);
        let client = kind.client(&receiver);
        record(&client, 0..64);
        assert!(client.flush(TIMEOUT).is_complete, "{kind:?}");
        assert_eq!(stats(&client).acknowledged, 64, "{kind:?} {:?}", stats(&client));
        let sizes: Vec<_> = receiver.requests().iter().map(|request| request.body.len()).collect();
        assert!(sizes[1] < sizes[0], "{kind:?} {sizes:?}");
    }
}

#[test]
fn hanging_server_costs_the_shutdown_its_deadline_and_others_nothing() {
    for kind in KINDS {
        let (receiver, memory) = (Receiver::always(Reply::Hang), MemoryProcessor::new());
        let client = kind.add(Client::builder(), &receiver).processor(memory.clone()).build().unwrap();
        record(&client, 0..10);
        receiver.wait(1);
        assert!(!client.shutdown(Duration::from_secs(1)).is_complete, "{kind:?}");
        let stats = stats(&client);
        assert_eq!(memory.spans().len(), 10, "{kind:?}");
        assert!(stats.unknown > 0 && stats.outstanding == 0, "{kind:?} {stats:?}");
        assert_eq!(stats.unknown + stats.dropped(DropReason::ShutdownDeadline), 10, "{kind:?} {stats:?}");
    }
}

#[test]
fn outage_holds_a_bounded_queue_and_is_caught_up_after_it() {
    for kind in KINDS {
        let receiver = Receiver::start([Reply::status(503), Reply::status(503), Reply::status(503)]);
        let builder = Client::builder().max_queue_bytes(64 << 10).max_queue_operations(100_000);
        let memory = MemoryProcessor::new();
        let client = kind.add(builder, &receiver).processor(memory.clone()).build().unwrap();
        for _ in 0..40 {
            record(&client, 0..20);
            while memory.spans().len() < usize::try_from(client.stats().created).unwrap() {
                std::thread::yield_now();
            }
        }
        assert!(client.flush(TIMEOUT).is_complete, "{kind:?}");
        let stats = stats(&client);
        let (full, created) = (stats.dropped(DropReason::QueueFull), stats.created);
        assert_eq!(stats.acknowledged + full, created, "{kind:?} {stats:?}");
        assert!(stats.acknowledged > 0, "{kind:?} {stats:?}");
    }
}

#[test]
fn server_that_is_not_there_is_waited_for() {
    for kind in KINDS {
        let nobody = Nobody::new();
        let gone = nobody.url();
        let builder = match kind {
            Kind::Otlp => Client::builder().otlp(prefactor::export::otlp::collector().endpoint(gone)),
            Kind::OpenAi => {
                Client::builder().openai(prefactor::export::OpenAi::new().api_key("sk").endpoint(gone))
            }
        };
        let client = builder.build().unwrap();
        record(&client, 0..5);
        assert!(!client.shutdown(Duration::from_millis(700)).is_complete, "{kind:?}");
        let stats = stats(&client);
        assert_eq!((stats.acknowledged, stats.outstanding), (0, 0), "{kind:?} {stats:?}");
        assert_eq!(stats.dropped(DropReason::ShutdownDeadline) + stats.unknown, 5, "{kind:?} {stats:?}");
    }
}

#[test]
fn spans_that_the_receiver_of_otlp_rejects_by_number_are_counted() {
    // ExportTraceServiceResponse { partial_success: { rejected_spans: 2, error_message: "odd" } }
    let body = b"\x0a\x07\x08\x02\x12\x03odd".to_vec();
    let receiver = Receiver::start([Reply::Status(200, "content-type: application/x-protobuf\r\n", body)]);
    let client = Kind::Otlp.client(&receiver);
    let run = client.register("tester");
    run.in_scope(|| drop(client.flush(TIMEOUT)));
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let stats = stats(&client);
    assert_eq!(
        (stats.dropped(DropReason::Rejected), stats.acknowledged),
        (1, 0),
        "no more than were sent: {stats:?}"
    );
    assert_eq!(receiver.requests().len(), 1, "a partial success is not repeated");
}

#[test]
fn page_for_people_is_no_success() {
    let receiver = Receiver::start([Reply::Status(200, "content-type: text/html\r\n", b"<html>".to_vec())]);
    let client = Kind::Otlp.client(&receiver);
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!(stats(&client).dropped(DropReason::Rejected), 1);
}

#[test]
fn otlp_requests_have_the_one_content_type_and_no_encoding_unless_packed() {
    let receiver = Receiver::start([]);
    let client = Kind::Otlp.client(&receiver);
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let request = receiver.requests().remove(0);
    assert_eq!(request.path, "/v1/traces");
    assert_eq!(request.headers["content-type"], "application/x-protobuf");
    assert!(!request.headers.contains_key("content-encoding"), "{:?}", request.headers);

    let endpoint = format!("{}/v1/traces", receiver.url());
    let otlp =
        prefactor::export::otlp::collector().endpoint(endpoint).gzip(true).header("x-project-name", "p");
    let client = Client::builder().otlp(otlp).build().unwrap();
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let request = receiver.requests().remove(1);
    assert_eq!(request.headers["content-encoding"], "gzip");
    assert_eq!(request.headers["x-project-name"], "p");
    let mut body = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(&*request.body), &mut body).unwrap();
    assert!(body.windows(9).any(|window| window == b"test:step"));
}
