//! A warning about the user's own tokens is neither lost nor moved.
#![deny(warnings)]

#[prefactor::span("agent:plan")]
pub async fn plan(goal: String, mut budget: u32) {}

fn main() {}
