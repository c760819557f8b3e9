//! `usage` names the function that reads it.

#[prefactor::span("agent:llm_call", usage)]
pub fn bare() -> String {
    String::new()
}

#[prefactor::span("agent:llm_call", usage(from = count))]
pub fn other_word() -> String {
    String::new()
}

#[prefactor::span("agent:llm_call", usage(with))]
pub fn no_path() -> String {
    String::new()
}

fn main() {}
