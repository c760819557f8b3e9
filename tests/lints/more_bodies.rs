#[span]
pub fn changes_nothing(mut number: u8) -> u8 {
    number
}

#[span]
pub fn assigns_unread(mut number: u8) {
    number = 1;
}

#[span]
pub fn assigns_unread_local() -> u8 {
    let mut number = 1;
    number = 2;
    number
}

#[span]
pub fn goes_on_after_return(number: u8) -> u8 {
    return number;
    number + 1
}

#[span]
pub fn drops_results(text: &str) {
    text.parse::<u8>();
    text.len();
    number_of(text);
}

#[must_use]
fn number_of(text: &str) -> u8 {
    text.len() as u8
}

#[span]
pub fn has_extra_signs(number: u8) -> u8 {
    let sum = (number);
    let other = { sum };
    (other)
}

#[span]
pub fn has_statements_without_effect(number: u8) -> u8 {
    number;
    number + 1;
    "text";
    ;
    number
}

#[span]
pub fn compares_always(number: u8) -> bool {
    number >= 0 || number == number || 1 == 1
}

#[span]
pub fn matches_twice(number: u8) -> u8 {
    match number {
        1 | 1 => 1,
        _ => 2,
        3 => 3,
    }
}

#[span]
pub fn defines_unused() {
    fn inner() {}
    let unused = 1;
    use std::fmt::Debug;
    'label: loop {
        break;
    }
}

#[span]
pub fn drops_references(text: &str, number: u8) {
    drop(text);
    drop(number);
    let _ = Mutex::new(1).lock();
}

#[span]
pub fn casts_trivially(number: u8, text: &str) -> u8 {
    let _ = text as &str;
    let _unit = drop(1);
    number as u8
}

#[span]
pub fn qualifies() -> std::rc::Rc<u8> {
    std::rc::Rc::new(1)
}

static mut COUNT: u8 = 0;

#[span]
pub fn calls_deprecated() {
    is_deprecated();
}

#[span]
pub fn counts() -> u8 {
    unsafe {
        unsafe { COUNT += 1 };
        let count = &COUNT;
        *count
    }
}

#[span]
pub fn overflows(index: usize) -> u8 {
    let numbers = [1, 2, 3];
    let _ = 255_u8 + 1;
    let _: i8 = 200;
    numbers[index] + numbers[5]
}

#[span]
pub fn divides() -> i32 {
    1 / 0
}

#[span]
pub async fn overflows_later() -> u8 {
    let numbers = [1, 2, 3];
    let _ = 255_u8 + 1;
    numbers[5]
}

#[span]
pub fn goes_round(flag: Option<u8>) -> u8 {
    while true {
        break;
    }
    for number in flag {
        return number;
    }
    if let number = 1 {
        drop(number);
    }
    1
}

#[span]
pub fn allocates() -> usize {
    Box::new([1, 2]).len()
}

#[span]
pub fn clones_nothing(text: &str) -> usize {
    let doubled = &&text;
    let copy: &str = doubled.clone();
    text.clone().len() + copy.len()
}

#[span]
pub fn matches_a_name(number: Option<u8>) -> u8 {
    match number {
        None => 1,
        Nothing => 2,
    }
}

#[span]
pub fn defines_for_others() {
    impl Tool for u8 {
        async fn runs(&self) -> u8 {
            *self
        }
    }
    macro_rules! unused {
        () => {};
    }
}

#[span]
pub fn points() -> *const u8 {
    let text = String::new();
    let pointer = String::from("x").as_ptr();
    let _ = text;
    pointer
}

#[span]
pub fn checks_a_reference(text: &str) -> bool {
    let pointer: *const str = text;
    pointer.is_null() || std::ptr::from_ref(&1_u8).is_null()
}

#[span]
pub fn forgets_to_await() {
    waits_for_nothing(1);
    let _ = waits_for_nothing(2);
}

#[span]
pub async fn forgets_to_await_later() {
    waits_for_nothing(1);
    async { 1 };
}

#[span]
pub fn maps_to_unit(numbers: &[u8]) {
    numbers.iter().map(|number| drop(*number));
    Some(1).map(|number| drop(number));
}

#[span]
pub fn has_a_long_tail(lock: &Mutex<Vec<u8>>) -> Option<u8> {
    match lock.lock().unwrap().first() {
        Some(first) => Some(*first),
        None => None,
    }
}

#[span]
pub fn holds_a_lock_long(lock: &Mutex<u8>) -> u8 {
    let guard = lock.lock().unwrap();
    let doubled = guard.wrapping_mul(2);
    let more = doubled.wrapping_add(1);
    more.wrapping_mul(more)
}

#[span]
pub fn converts(number: u8, text: String, numbers: Vec<u8>) -> Vec<u8> {
    let _ = u8::from(number);
    let _: String = text.into();
    let _ = format!("text");
    numbers.into_iter().into_iter().collect()
}

#[span]
pub fn waits_in_vain(future: impl Future<Output = ()>) {
    let _ = future;
    let _ = async { waits_for_nothing(1) };
}

#[span]
pub fn has_unused_parts((left, right): (u8, u8), [first, ..]: [u8; 2]) -> u8 {
    left
}
