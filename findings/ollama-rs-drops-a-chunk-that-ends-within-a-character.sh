#!/usr/bin/env bash
# What happens: ollama-rs reads each piece of a streamed answer as UTF-8 by itself, and passes over a piece that is not, without an
#   error. A network may cut a character in two, so whole lines of the answer vanish. The counts of tokens vanish too, all of
#   them, where the server leaves out one: Ollama omits each count that is zero (`omitempty`), as the prompt's is when it was cached.
# The wrong guess: A stream without an Err has the whole answer; one missing count costs one count.
# Versions: ollama-rs 0.3.6
# Seen:
#   cut before a character: "Grüße aus Köln", 4 tokens
#   cut within a character: " aus Köln", 4 tokens
#   without prompt_eval_count: "Grüße aus Köln", no tokens
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
futures-util = { version = "0.3", default-features = false }
ollama-rs = { version = "=0.3.6", default-features = false, features = ["stream"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use futures_util::StreamExt;
use ollama_rs::generation::chat::{request::ChatMessageRequest, ChatMessage};
use ollama_rs::Ollama;

/// A server that sends its answer in three pieces.
fn serve(pieces: [Vec<u8>; 3]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        for piece in pieces {
            write!(connection, "{:x}\r\n", piece.len()).unwrap();
            connection.write_all(&[piece, b"\r\n".to_vec()].concat()).unwrap();
            std::thread::sleep(Duration::from_millis(300));
        }
        connection.write_all(b"0\r\n\r\n").unwrap();
    });
    url
}

fn line(content: &str, more: &str) -> String {
    format!("{{\"model\":\"m\",\"created_at\":\"\",\"message\":{{\"role\":\"assistant\",\"content\":\"{content}\"}},{more}}}\n")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let counts = "\"done\":true,\"total_duration\":9,\"load_duration\":1,\"prompt_eval_duration\":1,\"eval_count\":4,\"eval_duration\":1";
    let words = line("Grüße", "\"done\":false") + &line(" aus Köln", "\"done\":false");
    let within = words.find('ü').unwrap() + 1;
    let after = words.find('\n').unwrap() + 1;
    let all = format!("{counts},\"prompt_eval_count\":7");
    for (what, cut, counts, expected) in [
        ("cut before a character", within - 1, all.as_str(), ("Grüße aus Köln", Some(4))),
        ("cut within a character", within, all.as_str(), (" aus Köln", Some(4))),
        ("without prompt_eval_count", within - 1, counts, ("Grüße aus Köln", None)),
    ] {
        let whole = words.clone() + &line("", counts);
        let (first, rest) = whole.as_bytes().split_at(cut);
        let (second, third) = rest.split_at(after - cut);
        let url = serve([first.to_vec(), second.to_vec(), third.to_vec()]);
        let client = Ollama::from_url(url.parse().unwrap());
        let request = ChatMessageRequest::new("m".into(), vec![ChatMessage::user("why".into())]);
        let mut stream = client.send_chat_messages_stream(request).await.unwrap();
        let (mut text, mut tokens) = (String::new(), None);
        while let Some(item) = stream.next().await {
            let item = item.expect("no item is an error");
            text.push_str(&item.message.content);
            tokens = item.final_data.map(|data| data.eval_count).or(tokens);
        }
        println!("{what}: {text:?}, {}", tokens.map_or("no tokens".into(), |count| format!("{count} tokens")));
        assert_eq!((text.as_str(), tokens), expected);
    }
}
RUST
cargo run --quiet
