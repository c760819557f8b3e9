//! Secrets that are made when the test runs: none is stored, and none was ever issued.

/// A secret, and the parts of it that may not be seen.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) service: String,
    pub(crate) text: String,
    parts: Vec<String>,
}

/// The number of characters in a row that would be a part of a secret.
const PART: usize = 8;

impl Secret {
    /// Makes one without a shape: a word of letters and digits, as people choose passwords.
    pub(crate) fn shapeless(number: u64) -> Self {
        let text = format!("q{}", Random::new(number).text("alnum", 23));
        Self { service: format!("password {number}"), parts: vec![text.clone()], text }
    }

    /// Makes one from a line of the corpus: plain text, with the generated parts in braces.
    pub(crate) fn of_format(line: &str) -> Self {
        let (service, format) = line.split_once(" | ").expect("a service and its format");
        let mut random =
            Random::new(service.bytes().fold(7, |seed, byte| seed * 31 % 1_000_003 + u64::from(byte)));
        let (mut text, mut parts) = (String::new(), Vec::new());
        for piece in format.replace("\\n", "\n").split_inclusive(['{', '}']) {
            match piece.strip_suffix('}').and_then(|piece| piece.split_once(' ')) {
                Some((alphabet, len)) => {
                    let part = random.text(alphabet, len.parse().expect("a length"));
                    text += &part;
                    parts.push(part);
                }
                None => text += piece.trim_end_matches('{'),
            }
        }
        Self { service: service.into(), text, parts }
    }

    /// The part of the secret that is in a text.
    pub(crate) fn left_in<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.parts.iter().filter(|part| part.len() >= PART).find_map(|part| {
            let windows = (0..=part.len() - PART).map(|start| &part[start..start + PART]);
            windows.into_iter().find_map(|window| text.find(window)).and_then(|at| text.get(at..at + PART))
        })
    }
}

/// The same numbers in each run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn text(&mut self, alphabet: &str, len: usize) -> String {
        let signs = match alphabet {
            "hex" => "0123456789abcdef",
            "digits" => "123456789",
            "caps" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "low" => "abcdefghijklmnopqrstuvwxyz0123456789",
            "alnum" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "word" | "b64u" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
            "b64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            _ => panic!("no such alphabet: {alphabet}"),
        };
        (0..len).map(|_| char::from(signs.as_bytes()[self.below(signs.len())])).collect()
    }
}

/// The number of a card: a beginning, and digits up to the length with the check digit of Luhn.
pub(crate) fn card(beginning: &str, len: usize, seed: u64) -> String {
    let head = format!("{beginning}{}", Random::new(seed).text("digits", len - 1 - beginning.len()));
    let sum: u32 = head
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

/// The number of a bank account, with its check digits by 97.
pub(crate) fn account(country: &str, number: &str) -> String {
    let digits = format!("{number}{country}00").bytes().fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    format!("{country}{:02}{number}", 98 - digits)
}

/// Puts digits into groups of four.
pub(crate) fn grouped(number: &str, separator: &str) -> String {
    let groups: Vec<_> =
        number.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(separator)
}
