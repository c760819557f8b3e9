//! The display name and an argument cannot have one name.
#[prefactor::span("agent:plan", name = "Make a plan")]
pub fn plan(name: &str) {
    let _ = name;
}

fn main() {}
