//! The spans of the benchmark: prose of 256 bytes in, prose of 256 bytes out, as the runtime would send them.

use anyhow::{Context as _, Result};

use crate::client::Client;

const WORDS: usize = 2000;
const TEXT: usize = 256;

/// Makes runs and spans. Equal from one run of the benchmark to the next.
pub(crate) struct Source {
    random: u64,
    made: u64,
    vocabulary: Vec<String>,
    /// The six characters that all identifiers of the account share.
    partition: String,
}

impl Source {
    pub(crate) fn new() -> Self {
        let mut source =
            Self { random: 0x9e37_79b9_7f4a_7c15, made: 0, vocabulary: Vec::new(), partition: String::new() };
        for _ in 0..WORDS {
            let length = 2 + source.below(9);
            let word = (0..length).map(|_| char::from(b'a' + u8::try_from(source.below(26)).unwrap_or(0)));
            let word = word.collect();
            source.vocabulary.push(word);
        }
        source
    }

    /// Registers and starts a run.
    pub(crate) fn run(&mut self, client: &mut Client) -> Result<String> {
        let answer = client.post("agent_instance/register", r#"{"agent_version":{"name":"bench"}}"#)?;
        let id =
            answer.split(r#""id":""#).nth(1).and_then(|rest| rest.get(..32)).context("a run has an id")?;
        id[10..16].clone_into(&mut self.partition);
        client.post(&format!("agent_instance/{id}/start"), "{}")?;
        Ok(id.to_owned())
    }

    /// The body of a bulk request that creates `count` finished spans, each a child of the one before it in a
    /// tree of ten.
    pub(crate) fn bulk(&mut self, run: &str, count: usize) -> String {
        let mut items = Vec::with_capacity(count);
        let mut parent = None;
        for place in 0..count {
            if place % 10 == 0 {
                parent = None;
            }
            let id = self.id();
            items.push(format!(
                r#"{{"_type":"agent_spans/create","idempotency_key":"{}",{}}}"#,
                self.key(),
                self.details(&id, run, parent.as_deref(), "complete")
            ));
            parent = Some(id);
        }
        format!(r#"{{"items":[{}]}}"#, items.join(","))
    }

    /// The bodies that create an open span and finish it, with the identifier of the span.
    pub(crate) fn pair(&mut self, run: &str) -> (String, String, String) {
        let id = self.id();
        let create =
            format!(r#"{{"idempotency_key":"{}",{}}}"#, self.key(), self.details(&id, run, None, "active"));
        let finish = format!(
            r#"{{"idempotency_key":"{}","status":"complete","timestamp":"2026-01-31T12:00:01.500000Z","result_payload":{{"text":"{}"}}}}"#,
            self.key(),
            self.text()
        );
        (id, create, finish)
    }

    fn details(&mut self, id: &str, run: &str, parent: Option<&str>, status: &str) -> String {
        let parent = parent.map(|parent| format!(r#""parent_span_id":"{parent}","#)).unwrap_or_default();
        let end = match status {
            "active" => String::new(),
            _ => format!(
                r#","finished_at":"2026-01-31T12:00:01.500000Z","result_payload":{{"text":"{}"}}"#,
                self.text()
            ),
        };
        format!(
            r#""details":{{"id":"{id}","agent_instance_id":"{run}",{parent}"schema_name":"agent:llm_call","status":"{status}","started_at":"2026-01-31T12:00:00.250000Z","payload":{{"prompt":"{}"}}{end}}}"#,
            self.text()
        )
    }

    /// Returns prose of 256 bytes.
    fn text(&mut self) -> String {
        let mut text = String::with_capacity(TEXT + 16);
        while text.len() < TEXT {
            let most = 1 + self.below(WORDS);
            let word = self.below(most);
            text.push_str(&self.vocabulary[word]);
            text.push(' ');
        }
        text.truncate(TEXT);
        text
    }

    /// An identifier as clients make them: sorted by time, in the account's partition, random at the end.
    fn id(&mut self) -> String {
        self.made += 1;
        let time = base32(0x19b_0000_0000 + self.made / 50, 10);
        [time, self.partition.clone(), base32(self.next(), 16)].concat()
    }

    /// Returns a key as the runtime makes them: 32 unique characters.
    fn key(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % bound
    }

    /// Xorshift: random enough for words and identifiers.
    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

fn base32(number: u64, digits: u32) -> String {
    let alphabet = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..digits)
        .rev()
        .map(|digit| {
            let value = number.checked_shr(5 * digit).unwrap_or(0) & 31;
            char::from(alphabet[usize::try_from(value).unwrap_or(0)])
        })
        .collect()
}
