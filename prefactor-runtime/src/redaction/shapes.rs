//! Secrets told by their shape, wherever in a text they stand.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

/// The forms in which well-known services issue keys, and the general forms of tokens, private keys and addresses with a
/// password. Each has a fixed beginning, so that ordinary prose is passed over quickly.
const SHAPES: &str = r"(?x)
    \b(?:
        (?: sk | pk | rk )[-_] [A-Za-z0-9_-]{16,}          # OpenAI, Anthropic, Stripe and others
      | (?: pf | pf_local | hf | npm | glpat | dop_v1 )[-_] [A-Za-z0-9_-]{16,}
      | gh[pousr]_ [A-Za-z0-9]{20,}                        # GitHub
      | github_pat_ [A-Za-z0-9_]{20,}
      | xox[abeoprs]- [A-Za-z0-9-]{10,}                    # Slack
      | (?: AKIA | ASIA ) [0-9A-Z]{16}                     # AWS
      | AIza [0-9A-Za-z_-]{30,}                            # Google
      | ya29\. [0-9A-Za-z_-]{20,}
      | eyJ [A-Za-z0-9_-]{6,} \. [A-Za-z0-9_-]{6,} (?: \. [A-Za-z0-9_-]* )?    # JSON web tokens
    )
  | (?i: \b bearer \s+ ) [A-Za-z0-9._~+/-]{12,} =*
  | -----BEGIN \s [A-Z0-9\s]* PRIVATE \s KEY (?: \s BLOCK )? -----
      (?s: .*? ) (?: -----END \s [A-Z0-9\s]* PRIVATE \s KEY (?: \s BLOCK )? ----- | \z )
  | \b [A-Za-z][A-Za-z0-9+.-]* :// [^\s/:@]* : [^\s/@]+ @   # the user and password of an address
";

/// The text with `[REDACTED]` in the place of each secret. Linear in its length, whatever it is.
pub(super) fn without_secrets(text: &str) -> Cow<'_, str> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    if PATTERN.get().is_none() {
        // Compiled outside of the cell: a process that is forked meanwhile would wait for the cell for ever.
        let pattern = Regex::new(SHAPES).ok();
        let _ = PATTERN.set(pattern);
    }
    match PATTERN.get().and_then(Option::as_ref) {
        Some(pattern) => pattern.replace_all(text, super::REDACTED),
        // The pattern is fixed and tested. Without it nothing may pass.
        None => Cow::Borrowed(super::REDACTED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_are_taken_out_of_texts() {
        for secret in [
            "sk-proj-abcdefghijklmnopqrstuvwxyz012345",
            "sk-ant-api03-abcdefghijklmnop_qrstuv-wxyz",
            "sk_live_abcdefghijklmnop",
            "pf_local_abcdefghijklmnopqrst",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "github_pat_11ABCDEFG0123456789_abcdefghij",
            "xoxb-123456789012-abcdefghijkl",
            "AKIAIOSFODNN7EXAMPLE",
            "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
            "Bearer abcdefghijklmnop0123456789",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKCAQ\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\ncut off",
            "postgres://user:hunter2@",
        ] {
            for text in [secret.to_owned(), format!("before ({secret}) after"), format!("key={secret}\nnext")]
            {
                let clean = without_secrets(&text);
                assert!(!clean.contains(secret) && clean.contains("[REDACTED]"), "{text} became {clean}");
            }
        }
    }

    #[test]
    fn ordinary_texts_are_left_as_they_are() {
        for text in [
            "The task-force risk-averse sketch asks for skills.",
            "https://example.com/path?query=1#fragment",
            "see file.rs:12:34 and mail someone@example.com",
            "eyJ is how a JSON object begins in base64",
            "bearer of good news",
            "a/b/c:d@e",
        ] {
            assert!(matches!(without_secrets(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn long_texts_that_begin_like_secrets_are_read_to_the_end() {
        for part in ["sk-", "eyJ", "a://", "-----BEGIN ", "bearer ", "://:", "AKIA"] {
            let text = part.repeat((1 << 16) / part.len());
            assert!(without_secrets(&text).len() <= text.len() + 20);
        }
    }
}
