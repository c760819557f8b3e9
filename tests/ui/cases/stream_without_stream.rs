//! The rules of a stream have no items in a value.

#[prefactor::span("agent:plan", stream(end = |step| step.is_empty()))]
pub fn plan() -> Result<String, String> {
    Ok(String::new())
}

#[prefactor::span("agent:steps", ret(items))]
pub async fn steps() -> Vec<String> {
    Vec::new()
}

fn main() {}
