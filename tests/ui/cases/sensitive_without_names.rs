//! `sensitive` names arguments that there are.

#[prefactor::span("agent:search", sensitive)]
pub fn search(email: &str) {}

#[prefactor::span("agent:search", sensitive(mail))]
pub fn search_by_mail(email: &str) {}

fn main() {}
