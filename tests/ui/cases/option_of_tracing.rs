//! Options of tracing's attribute that are not here have a cure of their own.

#[prefactor::span("agent:plan", level = "debug")]
pub fn level() {}

#[prefactor::span(target = "plans")]
pub fn target() {}

#[prefactor::span("agent:plan", follows_from = causes)]
pub fn follows_from() {}

#[prefactor::span("agent:plan", err(level = "info"))]
pub fn level_of_error() -> Result<u8, String> {
    Ok(1)
}

#[prefactor::span("agent:plan", err(Display))]
pub fn err() -> Result<u8, String> {
    Ok(1)
}

#[prefactor::span("agent:plan", ret(Display))]
pub fn ret() -> u8 {
    1
}

fn main() {}
