//! What stands in the place of a name, a text or a path is shown in the right form.

#[prefactor::span("agent:plan", skip("a"))]
pub fn quoted(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", debug(a.b))]
pub fn field(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", rename(a = b))]
pub fn unquoted(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", rename(a))]
pub fn nameless(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", with(a = |a| a.len()))]
pub fn closure(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", with(a = length(a)))]
pub fn call(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", fields(a: 5))]
pub fn colon(a: &str) -> usize {
    a.len()
}

#[prefactor::span("agent:plan", fields(a.b))]
pub fn nameless_field(a: &str) -> usize {
    a.len()
}

fn main() {}
