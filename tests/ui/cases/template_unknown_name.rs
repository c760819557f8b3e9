//! A slip of the hand in a template.
#[prefactor::span("agent:llm_call", template = "{{ model }}: {{ promt | truncate: 80 }}")]
fn ask(model: &str, prompt: &str) {
    let _ = (model, prompt);
}

fn main() {
    ask("m", "p");
}
