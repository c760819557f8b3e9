//! Errors where the machine, and not the settings, prevents a client's set-up.

use std::error::Error as _;
use std::fs::File;

use nix::sys::resource::{Resource, setrlimit};

use crate::support::{builder, is_child, run_child};

#[test]
fn child_without_files() {
    if !is_child() {
        return;
    }
    let client = builder("http://127.0.0.1:1").build().unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 64, 64).unwrap();
    let mut open = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        open.push(file);
    }
    let errors =
        ["http://127.0.0.1:1", "https://prefactor.invalid"].map(|url| builder(url).build().unwrap_err());
    let unheard = client.shutdown_on_signal().unwrap_err();
    drop(open);
    for error in errors {
        assert!(error.is_thread() && !error.is_signal() && !error.is_configuration(), "{error}");
        assert!(error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>), "{error}");
        println!("{error}");
    }
    assert!(unheard.is_signal() && !unheard.is_thread(), "{unheard}");
    assert!(unheard.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>), "{unheard}");
    println!("{unheard}");
}

#[test]
fn file_limit_at_the_set_up_is_named_in_the_error() {
    let text = run_child("set_up::child_without_files", &[]);
    assert_eq!(text.matches("too many open files: raise the limit (ulimit -n").count(), 3, "{text}");
    assert!(!text.contains("ca-certificates") && !text.contains("threads"), "{text}");
}

#[test]
fn child_with_a_broken_proxy() {
    if !is_child() {
        return;
    }
    println!("{}", builder("https://prefactor.invalid").build().unwrap_err());
    for url in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        let _ = builder(url).build().unwrap();
    }
}

#[test]
fn s8_proxy_that_cannot_be_read_is_an_error_and_is_not_passed_by() {
    let text =
        run_child("set_up::child_with_a_broken_proxy", &[("HTTPS_PROXY", "http://user:canary@:3128 ")]);
    assert!(text.contains("HTTPS_PROXY is not the address of a proxy") && !text.contains("canary"), "{text}");
}
