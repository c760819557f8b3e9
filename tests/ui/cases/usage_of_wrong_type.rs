//! What reads the usage returns one.

fn tokens(text: &String) -> usize {
    text.len()
}

#[prefactor::span("agent:llm_call", usage(with = tokens))]
pub fn complete() -> String {
    String::new()
}

fn main() {}
