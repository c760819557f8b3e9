//! A value of the wrong kind is shown the right one.

#[prefactor::span("agent:plan", name = plan)]
pub fn name() {}

#[prefactor::span("agent:plan", name("Make a plan"))]
pub fn name_in_parentheses() {}

#[prefactor::span("agent:plan", crate = "my::prefactor")]
pub fn path() {}

#[prefactor::span("agent:plan", ret(with = |value| value + 1))]
pub fn closure() -> u8 {
    1
}

#[prefactor::span("agent:plan", fail_when = true)]
pub fn fail_when() -> u8 {
    1
}

#[prefactor::span("agent:plan", risk(params(classification = "internal")))]
pub fn risk() {}

fn main() {}
