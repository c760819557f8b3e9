#[span("agent:words")]
fn words<'a>(text: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(' ')
}
