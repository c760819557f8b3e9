//! An option whose words stand in parentheses, or that has none, takes no value after `=`.

#[prefactor::span("agent:plan", ret = false)]
pub fn ret() -> u8 {
    1
}

#[prefactor::span("agent:plan", err = false)]
pub fn err() -> Result<u8, String> {
    Ok(1)
}

#[prefactor::span("agent:plan", ret())]
pub fn empty() -> u8 {
    1
}

#[prefactor::span("agent:plan", ret("skip"))]
pub fn quoted() -> u8 {
    1
}

#[prefactor::span("agent:plan", skip = "a")]
pub fn skip(a: u8) -> u8 {
    a
}

#[prefactor::span("agent:plan", skip_all = true)]
pub fn skip_all(a: u8) -> u8 {
    a
}

#[prefactor::span("agent:plan", root(true))]
pub fn root() {}

#[prefactor::span("agent:plan", boxed = "local")]
pub async fn boxed() {}

fn main() {}
