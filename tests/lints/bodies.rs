#[span]
pub async fn holds_a_lock(lock: &Mutex<u8>) -> u8 {
    let guard = lock.lock().unwrap();
    std::future::ready(()).await;
    *guard
}

#[span]
pub async fn holds_an_rc(number: u8) -> u8 {
    let shared = Rc::new(number);
    std::future::ready(()).await;
    *shared
}

#[span]
pub async fn holds_much() -> u8 {
    let large = [1_u8; 20_000];
    std::future::ready(()).await;
    large[0]
}

#[span]
pub fn panics(number: Option<u8>) -> u8 {
    let number = number.unwrap();
    if number == 1 {
        panic!("one")
    }
    number
}

#[span]
pub fn expects(number: Option<u8>) -> Result<u8, String> {
    assert!(number != Some(1));
    Ok(number.expect("one"))
}

#[span]
pub fn leaves_open() -> u8 {
    todo!()
}

#[span]
pub fn never_comes_here(number: u8) -> u8 {
    if number == 0 { unreachable!() } else { unimplemented!() }
}

#[span]
pub fn exits() {
    std::process::exit(1)
}

#[span]
pub fn prints(text: &str) {
    println!("{}", text);
    eprintln!("{text:?}");
    dbg!(text);
}

#[span]
pub fn casts(number: i64, float: f64) -> u8 {
    let _ = number as f32;
    let _ = float as u64;
    let _ = 1_u8 as u32;
    number as u8
}

#[span]
pub fn calculates(left: i32, right: i32, float: f32) -> i32 {
    let _ = float + 1.0 == 2.0;
    let _ = left / right % 3;
    left + right * 2
}

#[span]
pub fn indexes(numbers: &[u8], text: &str) -> usize {
    let _ = &text[1..];
    usize::from(numbers[3]) + usize::from(*numbers.get(0).unwrap())
}

#[span]
pub fn branches(flag: bool, number: u8) -> u8 {
    if !flag { 1 } else if number == 1 { 2 } else { 2 }
}

#[span]
pub fn nests(flag: bool, number: u8) {
    if flag {
        if number == 1 {
            drop(number);
        }
    }
    if flag == true {}
}

#[span]
pub fn matches_one(number: Option<u8>) -> u8 {
    match number {
        Some(number) => drop(number),
        _ => {}
    }
    match number {
        Some(_) => 1,
        None => 1,
    }
}

#[span]
pub fn matches_a_bool(flag: bool, numbers: Option<u8>) -> Option<u8> {
    match flag {
        true => drop(flag),
        false => {}
    }
    match numbers {
        Some(number) => Some(number + 1),
        None => None,
    }
}

#[span]
pub fn loops(numbers: &[u8]) -> u8 {
    let mut sum = 0;
    for index in 0..numbers.len() {
        sum += numbers[index];
    }
    for number in numbers.iter() {
        sum = sum + number;
    }
    loop {
        break;
    }
    sum
}

#[span]
pub fn spins() -> u8 {
    loop {}
}

#[span]
pub fn maps(numbers: &[u8]) -> Vec<u8> {
    let _ = numbers.iter().map(|number| number.clone()).next();
    let _ = numbers.iter().filter(|number| **number > 1).next();
    let _ = Some(1).map(|number| number + 1).unwrap_or(2);
    numbers.iter().map(|number| u8::from(*number)).collect()
}

#[span]
pub fn clones(text: &str, number: &u8, shared: &Rc<u8>) -> String {
    let _ = number.clone();
    let _ = shared.clone();
    let _ = text.to_string().to_string();
    String::from(text.to_owned())
}

#[span]
pub fn borrows_again(text: &str) -> usize {
    fn length(text: &str) -> usize {
        text.len()
    }
    length(&text)
}

#[span]
pub fn shadows(number: u8) -> u8 {
    let number = number;
    let number = number.wrapping_add(1);
    number
}

#[span]
pub fn uses_underscores(_number: u8) -> u8 {
    _number
}

#[span]
pub fn forgets(text: String) {
    std::mem::forget(text);
}

#[span]
pub fn assigns_late(flag: bool) -> u8 {
    let number;
    if flag {
        number = 1;
    } else {
        number = 2;
    }
    number
}

#[span]
pub fn writes_numbers() -> u64 {
    let _ = 0.1234567890123456789_f32;
    let _ = 3.14;
    1000000 + 0xabcD + 1u64
}

#[span]
pub fn closes_over(numbers: &[u8]) -> usize {
    let _ = numbers.iter().map(|number| u8::count_ones(*number)).map(|count| count.to_string());
    (|| numbers.len())()
}

#[span]
pub fn ignores_results(text: &str) {
    let _ = text.parse::<u8>();
    text.parse::<u8>().ok();
}

#[span]
pub fn questions(text: &str) -> Option<u8> {
    let number = text.parse::<u8>().ok()?;
    if number == 0 {
        Err::<u8, ()>(()).ok()?;
    }
    Some(number)
}

#[span]
pub fn reads_a_pointer(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[span]
pub fn recurs(number: u8) -> u8 {
    recurs(number)
}

#[span]
pub async fn recurs_later(number: u8, deeper: u8) -> u8 {
    if number == 0 { 0 } else { Box::pin(recurs_later(number - 1, deeper)).await }
}

#[span]
pub fn passes_on(number: u8, passed: u8) -> u8 {
    if number == 0 { 0 } else { passes_on(number - 1, passed) }
}

#[span]
pub fn ignores(number: u8) -> u8 {
    1
}

#[span]
pub async fn ignores_later(number: u8, mut other: Vec<u8>) -> u8 {
    1
}
