//! The secrets, each with unique parts that must not be seen.

/// How many there are.
pub(crate) const COUNT: usize = 60;

/// Returns the secret part of the secret of that number, which has no shape.
pub(crate) fn bare(number: usize) -> String {
    assert!(number < COUNT);
    format!("QX7{number:02}VMT3WLBZ5RN8SYKD2HFP6G{number:02}JZ4")
}

/// A part of each secret, whichever end of it is left.
pub(crate) fn parts() -> impl Iterator<Item = String> {
    (0..COUNT).flat_map(|number| [format!("QX7{number:02}"), format!("{number:02}JZ4")])
}

/// The forms of keys that services issue.
const SHAPES: [&str; 15] = [
    "sk-",
    "sk-ant-api03-",
    "sk_live_",
    "ghp_",
    "github_pat_",
    "xoxb-",
    "AKIA",
    "AIza",
    "ya29.",
    "eyJhbGciOi.",
    "hf_",
    "glpat-",
    "npm_",
    "gsk_",
    "pf_local_",
];

/// The first secrets, each in a shape of its own.
pub(crate) fn shaped() -> Vec<String> {
    SHAPES.iter().enumerate().map(|(number, shape)| format!("{shape}{}", bare(number))).collect()
}

/// The secret of that number as a key.
pub(crate) fn key(number: usize) -> String {
    format!("sk-proj-{}", bare(number))
}
