use std::fmt;

use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::config::token::{ApiToken, TokenSource};

/// Does not compile when the type has the trait: two implementations would fit then.
macro_rules! assert_lacks {
    ($type:ty: $($trait:path),+) => {$({
        trait Fits<Which> {
            fn it() {}
        }
        impl<T> Fits<()> for T {}
        impl<T: $trait> Fits<u8> for T {}
        <$type as Fits<_>>::it();
    })+};
}

#[test]
fn s1_the_token_is_printed_by_nothing() {
    let token = ApiToken::new("canary").unwrap();
    assert_eq!(
        (format!("{token:?}"), format!("{token:#?}")),
        ("ApiToken(***)".into(), "ApiToken(***)".into())
    );
    assert_lacks!(ApiToken: fmt::Display, serde::Serialize, Clone);
}

#[test]
fn s1_the_token_is_wiped_when_it_is_dropped() {
    fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}

    is_wiped(&ApiToken::new("canary").unwrap().0);
    let source = TokenSource::Fixed(Zeroizing::new("canary".to_owned()));
    assert_eq!(format!("{source:?}"), "TokenSource(***)");
    let TokenSource::Fixed(token) = &source else { unreachable!() };
    is_wiped(token);
}

#[test]
fn s1_the_token_is_trimmed_and_fit_for_a_header() {
    assert_eq!(ApiToken::new(" \tcanary\r\n").unwrap().expose(), "canary");
    for token in ["", " ", "\n"] {
        assert!(ApiToken::new(token).unwrap_err().to_string().contains("is not set"), "{token:?}");
    }
    for token in
        ["canary\r\nX-Evil: 1", "canary canary", "canary\0", "canary\u{7f}", "canaré", "can\u{200b}ary"]
    {
        let error = ApiToken::new(token).unwrap_err();
        assert!(error.is_configuration() && !format!("{error} {error:?}").contains("cana"), "{error}");
    }
}
