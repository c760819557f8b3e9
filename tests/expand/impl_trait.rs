//! The body cannot name `impl Iterator`. So the runtime calls the second closure with the type of the value, once there is one.
#[span("agent:words")]
fn words<'a>(text: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(' ')
}
