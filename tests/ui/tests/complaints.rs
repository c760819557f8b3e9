//! What the compiler says about wrong attributes: one complaint a file, each with the cure.

#[test]
fn complaints_stand_on_their_token_and_say_the_cure() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
