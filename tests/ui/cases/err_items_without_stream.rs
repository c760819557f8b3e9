//! There are no items in a value.
#[prefactor::span("agent:plan", err(items))]
pub fn plan() -> Result<(), String> {
    Ok(())
}

fn main() {}
