#[span]
pub fn names_badly(a: u8, lhs1: u8, lhs2: u8, foo: u8) -> u8 {
    a ^ lhs1 ^ lhs2 ^ foo
}

#[span]
pub fn names_in_camel(camelCase: u8) -> u8 {
    camelCase
}

#[span]
pub fn NamedInCamel() {}

#[span]
pub fn declares_after_statements() -> u8 {
    let one = 1;
    const TWO: u8 = 2;
    one + TWO
}

#[span]
/// Documents Self::nothing.
/// and lazily
/// # Panics
pub fn documents() -> Result<u8, String> {
    "1".parse().map_err(|_| String::new())
}

#[span]
pub unsafe fn is_unsafe(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[span]
#[inline(always)]
pub fn is_inlined() {}

#[span]
#[must_use]
pub fn must_use_unit() {}

#[span]
fn is_dead(number: u8) {}

#[span]
async fn is_dead_later() {}

#[span]
pub fn has_its_own_level(#[allow(unused)] number: u8) {}

#[deprecated]
fn is_deprecated() {}

struct Hidden<'a>(&'a str);

#[span]
pub fn shows_hidden(hidden: Hidden<'_>) -> usize {
    hidden.0.len()
}

#[span]
pub fn elides(text: &str) -> Hidden {
    Hidden(text)
}

#[span]
pub fn uses_a_lifetime_once<'a>(text: &'a str) -> usize {
    text.len()
}

#[span]
pub async fn uses_a_lifetime_once_later<'a>(text: &'a str) -> usize {
    text.len()
}

#[span]
pub fn names_in_capitals() -> u8 {
    const one: u8 = 1;
    let Two = 2;
    one + Two
}

#[span]
pub fn documents_a_statement() {
    /// Does nothing.
    let _number = 1;
}

#[span]
pub fn is_long(number: u8) -> u8 {
    match number {
        0 => 1,
        1 => if number > 1 { if number > 2 { 1 } else { 2 } } else { 3 },
        2 => { let mut sum = 0; for one in 0..number { for two in 0..one { if two > 1 { sum += two; } else if two == 0 { continue; } } } sum }
        3 => { let mut sum = 0; for one in 0..number { for two in 0..one { if two > 1 { sum += two; } else if two == 0 { continue; } } } sum }
        4 => { let mut sum = 0; while sum < number { if sum == 3 || sum == 4 && number > 1 { break; } sum += 1; } sum }
        5 => { let mut sum = 0; while sum < number { if sum == 3 || sum == 4 && number > 1 { break; } sum += 1; } sum }
        6 => { let mut sum = 0; while sum < number { if sum == 3 || sum == 4 && number > 1 { break; } sum += 1; } sum }
        _ => number,
    }
}

#[span]
pub async fn starts() -> tokio::task::JoinHandle<()> {
    tokio::spawn(async {})
}

#[span]
pub fn returns_iterator(numbers: &[u8]) -> impl Iterator<Item = &u8> + '_ {
    numbers.into_iter().map(|number| { number })
}

#[span]
pub fn returns_early(number: u8) -> Result<u8, String> {
    if number == 1 {
        return Err("one")?;
    } else {
        return Ok(number);
    }
}

#[span]
pub fn takes_self_like(this: &Agent, Agent { calls, .. }: &Agent, (left, _right): (u8, u8)) -> u8 {
    this.calls + calls + left
}

#[span]
pub fn takes_by_ref(ref number: u8, ref mut other: u8) -> u8 {
    *number + *other
}

#[span]
pub extern "C" fn is_foreign(text: &str, agent: Agent) -> String {
    String::new()
}

#[span]
pub(crate) fn is_seen_in_the_crate(number: u8) -> u8 {
    number
}

#[span]
pub(self) fn is_private() {}

#[span]
#[inline]
#[cold]
pub fn has_attributes() {}

#[span]
#[doc = " "]
pub fn has_an_empty_document() {}

#[span]
fn takes_generic<T>(value: T, none: Option<T>) -> T where T: Clone, {
    value
}
