//! The compiler's messages about wrong attributes: one a file, each with the cure.

#[test]
fn complaints_stand_on_their_token_and_say_the_cure() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
