//! S1: the token in memory after the end of its client.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use prefactor::Client;

use crate::support::{TOKEN, is_child, run_child, shut_down, until};

/// The token under a mask, so that the search does not find itself.
const MASK: u8 = 0x5a;

/// Counts copies of the token in the writable memory of this process, except in the stack of the main thread, where the
/// operating system keeps the environment.
fn copies(masked: &[u8]) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = BufReader::new(File::open("/proc/self/maps").unwrap());
    let regions: Vec<_> = maps.lines().map(Result::unwrap).filter_map(|line| region(&line)).collect();
    let mut count = 0;
    for (begin, end) in regions {
        let mut bytes = vec![0; usize::try_from(end - begin).unwrap()];
        if memory.read_exact_at(&mut bytes, begin).is_ok() {
            let is_copy = |part: &&[u8]| part.iter().zip(masked).all(|(byte, masked)| byte ^ MASK == *masked);
            count += bytes.windows(masked.len()).filter(is_copy).count();
        }
        bytes.fill(0);
    }
    count
}

fn region(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let (begin, end) = range.split_once('-')?;
    let is_meant = rights.starts_with("rw") && !line.ends_with("[stack]");
    is_meant.then(|| (u64::from_str_radix(begin, 16).unwrap(), u64::from_str_radix(end, 16).unwrap()))
}

#[test]
fn child_forgets_its_token() {
    if !is_child() {
        return;
    }
    let masked: Vec<u8> = TOKEN.bytes().map(|byte| byte ^ MASK).collect();
    let client = Client::builder().api_url("https://127.0.0.1:1").build().unwrap();
    println!("while it lives: {}", copies(&masked) > 0);
    let _ = shut_down(&client, Duration::ZERO);
    drop(client);
    until("no copy is left", || copies(&masked) == 0);
    println!("none is left");
}

/// Nothing was sent, so no buffer of the HTTP library has held the token.
#[test]
fn s1_token_of_a_client_that_is_gone_is_nowhere_in_memory() {
    let text = run_child("token_in_memory::child_forgets_its_token", &[("PREFACTOR_API_TOKEN", TOKEN)]);
    assert!(text.contains("while it lives: true") && text.contains("none is left"), "{text}");
}
