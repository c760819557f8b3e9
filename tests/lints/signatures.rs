// `main.rs` joins this file with the others of this folder and compiles them, plain and annotated; no crate has them.

use attribute::span;
use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::rc::Rc;
use std::sync::Mutex;

#[span]
pub async fn waits_for_nothing(number: u8) -> u8 {
    number
}

#[span]
pub fn wraps_without_need(number: u8) -> Option<u8> {
    Some(number)
}

#[span]
fn wraps_an_ok(number: u8) -> Result<u8, String> {
    Ok(number + 1)
}

#[span]
fn wraps_in_private(number: u8) -> Option<u8> {
    Some(number)
}

#[span]
pub fn takes_by_value(text: String) -> usize {
    text.len()
}

#[span]
pub fn takes_a_copy_by_reference(number: &u8) -> u8 {
    *number
}

#[span]
pub fn takes_a_vector_by_reference(numbers: &Vec<u8>, text: &String) -> usize {
    numbers.len() + text.len()
}

#[span]
pub fn takes_an_array(numbers: [u8; 512]) -> u8 {
    numbers[0]
}

#[span]
pub fn takes_mut_without_need(numbers: &mut [u8]) -> usize {
    numbers.len()
}

#[span]
pub fn takes_an_option_by_reference(text: &Option<String>) -> bool {
    text.is_some()
}

#[span]
pub fn takes_a_box(text: Box<u8>) -> u8 {
    *text
}

#[span]
pub fn takes_a_reference_to_a_box(text: &Box<u8>) -> u8 {
    **text
}

#[span]
pub fn takes_a_box_of_a_vector(text: Box<Vec<u8>>, rc: Rc<String>, nested: Rc<Box<u8>>) -> usize {
    text.len() + rc.len() + usize::from(**nested)
}

#[span]
pub fn takes_bools(a: bool, b: bool, c: bool, d: bool) -> bool {
    a && b && c && d
}

#[span]
pub fn takes_too_much(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    a ^ b ^ c ^ d ^ e ^ f ^ g ^ h
}

#[span]
pub fn takes_a_map(map: &HashMap<u8, Vec<Option<Result<u8, Box<dyn Fn(u8) -> Option<u8>>>>>>) -> usize {
    map.len()
}

#[span]
pub fn takes_impl(text: impl Display) -> String {
    format!("{}", text)
}

#[span]
pub fn takes_mut_mut(number: &mut &mut u8) -> u8 {
    **number
}

#[span]
pub fn names_a_lifetime<'a>(text: &'a str) -> &'a str {
    text
}

#[span]
pub fn declares_unused<'a, T>(number: u8) -> u8 {
    number
}

#[span]
pub fn bounds_twice<T: Clone + Clone>(value: T) -> T
where
    T: Display,
{
    value.clone()
}

#[span]
pub fn returns_a_box(number: u8) -> Box<u8> {
    Box::new(number)
}

#[span]
pub fn returns_result_of_unit(number: u8) -> Result<u8, ()> {
    number.checked_add(1).ok_or(())
}

#[span]
pub fn returns_a_large_error(number: u8) -> Result<u8, [u8; 256]> {
    if number > 1 { Ok(number) } else { Err([0; 256]) }
}

#[span]
pub fn returns_option_of_option(number: u8) -> Option<Option<u8>> {
    (number > 1).then_some(None)
}

#[span]
pub fn returns_unit_spelt() -> () {}

#[span]
pub fn returns_by_word(number: u8) -> u8 {
    return number;
}

#[span]
pub fn returns_by_let(number: u8) -> u8 {
    let doubled = number.wrapping_mul(2);
    doubled
}

#[span]
pub fn returns_async(number: u8) -> impl Future<Output = u8> {
    async move { number }
}

#[span]
pub async fn yields_async(number: u8) -> impl Future<Output = u8> {
    async move { number }
}
