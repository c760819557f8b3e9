use proptest::prelude::*;

use super::super::scan::steps;
use super::*;

/// Secrets, and a part of each that may not be seen.
const SECRETS: &[(&str, &str)] = &[
    ("sk-proj-abcdefghijklmnopqrstuvwxyz012345", "wxyz012345"),
    ("sk-ant-api03-abcdefghijklmnop_qrstuv-wxyz", "qrstuv-wxyz"),
    ("sk_live_abcdefghijklmnop", "ijklmnop"),
    ("pf_local_abcdefghijklmnopqrst", "mnopqrst"),
    ("gsk_abcdefghijklmnopqrstuvwxyz", "stuvwxyz"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "yz0123456789"),
    ("github_pat_11ABCDEFG0123456789_abcdefghij", "456789_abcdefghij"),
    ("xoxb-123456789012-abcdefghijkl", "abcdefghijkl"),
    ("AKIAIOSFODNN7EXAMPLE", "NN7EXAMPLE"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "nopqrstuv"),
    ("hvs.CAESIJabcdefghijklmnop", "hijklmnop"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "dozjgNryP4J3jVmN"),
    ("Bearer abcdefghijklmnop0123456789", "mnop0123456789"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKCAQ\n-----END RSA PRIVATE KEY-----", "IBAAKCAQ"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQ", "MIIEowIBAAKCAQ"),
    ("postgres://user:hunter2@", "hunter2"),
    ("https://0123456789abcdef@", "89abcdef"),
    ("amqp://user:pass/word@", "/word"),
];

fn hidden(text: &str) -> Cow<'_, str> {
    without_secrets(text, false, &AllowedNames::default())
}

#[test]
fn keys_and_tokens_are_taken_out_of_texts() {
    for (secret, part) in SECRETS {
        for text in [
            (*secret).to_owned(),
            format!("before ({secret}) after"),
            format!("key={secret}\nnext"),
            format!("ä{secret}"),
        ] {
            let clean = hidden(&text);
            assert!(!clean.contains(part) && clean.contains("[REDACTED]"), "{text} became {clean}");
        }
    }
}

#[test]
fn values_under_secret_names_are_taken_out_of_texts() {
    for (text, expected) in [
        ("https://x.y/z?a=1&api_key=hunter2&b=2", "https://x.y/z?a=1&api_key=[REDACTED]&b=2"),
        ("/cb?access_token=hunter2#x", "/cb?access_token=[REDACTED]"),
        ("/s3?X-Amz-Signature=0123456789abcdef0123&z=1", "/s3?X-Amz-Signature=[REDACTED]&z=1"),
        ("/maps?key=0123456789abcdef&z=1", "/maps?key=[REDACTED]&z=1"),
        (r#"Login { user: "ada", password: "hunter2" }"#, r#"Login { user: "ada", password: "[REDACTED]" }"#),
        (r#"password: Some("hunter2"), a: 1"#, "password: [REDACTED], a: 1"),
        (r#"credentials: Login { user: "ada", key: "hunter2" }, a: 1"#, "credentials: [REDACTED], a: 1"),
        (r#"{"password":"hunter2","a":1}"#, r#"{"password":"[REDACTED]","a":1}"#),
        (r#"{"pin":1234,"a":1}"#, r#"{"pin":[REDACTED],"a":1}"#),
        (r#"{"api_key":["hunter2"],"a":1}"#, r#"{"api_key":[REDACTED],"a":1}"#),
        (r#""{\"password\":\"hun\\\"ter2\",\"a\":1}""#, r#""{\"password\":\"[REDACTED]\",\"a\":1}""#),
        (r#"\\\"token\\\":\\\"hunter2\\\",\\\"a\\\":1"#, r#"\\\"token\\\":\\\"[REDACTED]\\\",\\\"a\\\":1"#),
        (r#"password: "hun\"ter2", a"#, r#"password: "[REDACTED]", a"#),
        ("secret = 'hunter2'\na = 1", "secret = '[REDACTED]'\na = 1"),
        ("password: hunter2\nuser: ada", "password: [REDACTED]\nuser: ada"),
        ("Authorization: Basic aHVudGVyMg==\r\nHost: x", "Authorization: [REDACTED]\r\nHost: x"),
        (r"Set-Cookie: a=1; b=hunter2\r\nHost: x", r"Set-Cookie: [REDACTED]\r\nHost: x"),
        ("x-api-key: hunter2", "x-api-key: [REDACTED]"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[REDACTED] psql"),
        ("DB_PASSWORD=hunter2 psql", "DB_PASSWORD=[REDACTED] psql"),
        ("auth: Basic aHVudGVyMg==, a", "auth: [REDACTED], a"),
        ("token=Bearer hunter2 a", "token=[REDACTED] a"),
        ("private_key=-----BEGIN PRIVATE KEY-----\nhunter2", "private_key=[REDACTED]"),
        ("password for_the_database=x", "password for_the_database=x"),
        ("password_for_the_production_database=hunter2", "passw[REDACTED]"),
        ("token-xoxb-0123456789: hunter2", "token[REDACTED]"),
    ] {
        assert_eq!(hidden(text), expected);
    }
}

#[test]
fn block_of_yaml_is_hidden_up_to_the_end_of_its_last_line() {
    for end in ["\n", "\r\n", "\\n", "\r"] {
        let lines = |secret: &str| ["db:", "  password: |", secret, "  user: ada"].join(end);
        let text = lines(&["    hunter2", "    swordfish"].join(end));
        assert_eq!(hidden(&text), lines("    [REDACTED]"), "{end:?}");
        let last = ["password: >-", "  hunter2", ""].join(end);
        assert_eq!(hidden(&last), ["password: >-", "  [REDACTED]", ""].join(end), "{end:?}");
    }
}

#[test]
fn ordinary_texts_are_left_as_they_are() {
    for text in [
        "The task-force risk-averse sketch asks for skills.",
        "https://example.com/path?query=1#fragment",
        "https://example.com:8080/@user and http://[::1]:80/a@b",
        "see file.rs:12:34 and mail someone@example.com",
        "src/auth.rs:112:34, src/token.rs:100:1",
        "eyJ is how a JSON object begins in base64, eyJhbGciOiJIUzI1NiJ9 too",
        "bearer of good news, bearer authentication",
        "a/b/c:d@e",
        "prompt_tokens=12&max_tokens=4096, token_count: 1234567, tokenizer: cl100k_base2",
        r#"{"prompt_tokens":12,"completion_tokens":34,"token_usage":{"total_tokens":46}}"#,
        "if token == other { token::Kind } else { key => 1 }",
        "let token: Token = parse();",
        "Session: Monday. The key: be kind. Author: Ada. author=ada",
        "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----",
        r#"password="""#,
        "token:",
        "token=",
        "\u{e4}\u{1f600}",
        "",
    ] {
        assert!(
            matches!(hidden(text), Cow::Borrowed(same) if same == text),
            "{text} became {}",
            hidden(text)
        );
    }
}

#[test]
fn secret_at_a_cut_leaves_no_part() {
    for (open, secret) in [
        ("sk-proj-", "Abcdefghijklmnopqrstuvwxyz012345"),
        ("github_pat_", "11ABCDEFG0123456789_abcdefghij"),
        ("xoxb-", "123456789012-abcdefghijkl"),
        ("AKIA", "IOSFODNN7EXAMPLE"),
        ("AIza", "SyA1234567890abcdefghijklmnopqrstuv"),
        ("ya29.", "a0AfH6SMBabcdefghijklmnop"),
        ("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN"),
        ("Bearer ", "abcdefghijklmnop0123456789"),
        ("-----BEGIN PRIVATE KEY-----\n", "MIIEowIBAAKCAQ\nMIIEowIBAAKCAQ"),
        ("postgres://", "user:hunter2hunter2"),
        ("https://x.y/?token=", "hunter2hunter2"),
        ("password: \"", "hunter2hunter2"),
        ("api_key: ", "hunter2hunter2"),
        ("secrets: [\"", "hunter2hunter2"),
        ("Cookie: ", "a=hunter2; b=hunter2"),
    ] {
        for len in 1..=secret.len() {
            let part = &secret[..len];
            let text = format!("before {open}{part}");
            let by_flag = without_secrets(&text, true, &AllowedNames::default()).into_owned();
            let by_suffix = hidden(&format!("{text}... [truncated]")).into_owned();
            for clean in [by_flag, by_suffix] {
                let tail = clean.strip_prefix("before ").unwrap();
                let shown =
                    tail.replace("[REDACTED]", "").replace("... [truncated]", "").replace("[truncated]", "");
                assert!(open.starts_with(shown.trim_end()), "{text:?} became {clean:?}");
            }
        }
    }
}

/// Looks at what beginnings, in any order, take to be looked into.
fn steps_of(text: &str, is_cut: bool) -> usize {
    steps::take();
    let _ = without_secrets(text, is_cut, &AllowedNames::default());
    steps::take()
}

/// No byte may be looked at more often than so, on average.
const MAX_STEPS: usize = 24;

#[test]
fn time_is_linear_in_texts_that_mean_harm() {
    let parts = [
        "sk-",
        "eyJ",
        "eyJaaaaaa-",
        "eyJaaaaaa-xoxb-aaaaaaaaaa_-",
        "a://",
        "a://b:c",
        "://:",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----END ",
        "bearer ",
        "bearer\t\t",
        "AKIA",
        "key",
        "token:",
        "token: \"",
        "token: '\n",
        "token=",
        "token:!(",
        "token: (",
        "token: x(",
        "token = a(",
        "password \\\\\\",
        "password:\\\"",
        "token\":\\\\\"",
        "cookie: \\",
        "a.token:1",
        "auth.",
        "pin",
        "?key=a",
        "&sig=aaaaaaaaaaaaaaaaaaaa",
        "{\"pin\":",
        "secret: {[(",
        "key\\\"\\\"\\\"",
        "token:aaaaaaaaaaaaaaaaaaa ",
        " ",
        "\u{e4}",
    ];
    for part in parts {
        for other in parts {
            let text = format!("{part}{other}").repeat((4 << 10) / (part.len() + other.len()));
            for is_cut in [false, true] {
                let steps = steps_of(&text, is_cut);
                assert!(steps <= MAX_STEPS * text.len(), "{part:?} {other:?}: {} a byte", steps / text.len());
            }
        }
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        prop::sample::select(&BEGINNINGS[..]).prop_map(|(beginning, _)| beginning.to_owned()),
        "[xyzXYZ78=:;,.@/?&\"'\\\\(){}\\[\\] \n\t_-]{0,12}",
        ".{0,4}",
        Just("x".repeat(30)),
        Just("... [truncated]".to_owned()),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_gone_through_in_linear_time(text in fragments(), is_cut in any::<bool>()) {
        prop_assert!(steps_of(&text, is_cut) <= MAX_STEPS * (text.len() + 16));
    }

    #[test]
    fn no_secret_is_left_in_any_text(before in fragments(), index in any::<prop::sample::Index>(), after in fragments()) {
        let (secret, part) = index.get(SECRETS);
        let text = format!("{before} {secret} {after}");
        let clean = hidden(&text);
        prop_assert!(!clean.contains(part), "{}", clean);
    }
}
