//! The places of a span have a type each.

#[prefactor::span("agent:plan", instance = "web")]
pub fn instance() {}

#[prefactor::span("agent:plan", client = 5)]
pub fn client() {}

fn main() {}
