//! An argument that is left out is not marked.

#[prefactor::span("agent:search", skip(email), sensitive(email))]
pub fn search(email: &str) {}

#[prefactor::span("agent:search", skip_all, sensitive(email))]
pub fn search_all(email: &str) {}

#[prefactor::span("agent:search", redact(email), sensitive(email))]
pub fn search_redacted(email: &str) {}

fn main() {}
