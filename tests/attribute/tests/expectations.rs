//! An expectation of a lint holds on an annotated function whenever it holds without the attribute.
//!
//! Clippy checks this file: it reports an unfulfilled expectation, with the feature and without. Each function stands
//! here twice, plain and annotated; the plain one proves that the lint fires. `tests/lints` tries all lints.

mod plain {
    #[expect(clippy::unused_async, reason = "the function is a case of this lint")]
    pub(super) async fn waits(number: u8) -> u8 {
        number
    }

    #[expect(clippy::unnecessary_wraps, reason = "the function is a case of this lint")]
    pub(super) fn wraps(number: u8) -> Option<u8> {
        Some(number)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the function is a case of this lint")]
    pub(super) fn takes(text: String) -> usize {
        text.len()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the function is a case of this lint")]
    pub(super) fn copies(number: &u8) -> u8 {
        *number
    }

    #[expect(clippy::ptr_arg, reason = "the function is a case of this lint")]
    pub(super) fn borrows(numbers: &Vec<u8>) -> usize {
        numbers.len()
    }

    #[expect(clippy::needless_return, reason = "the function is a case of this lint")]
    pub(super) fn returns(number: u8) -> u8 {
        return number;
    }

    pub(super) fn expects_within(number: u8) -> u8 {
        #[expect(clippy::needless_return, reason = "the function is a case of this lint")]
        return number;
    }

    #[expect(
        unconditional_recursion,
        clippy::only_used_in_recursion,
        reason = "the function is a case of this lint"
    )]
    pub(super) fn recurs(number: u8) -> u8 {
        recurs(number)
    }

    #[expect(unused_variables, reason = "the function is a case of this lint")]
    pub(super) fn ignores(number: u8) -> u8 {
        1
    }

    #[expect(unused_mut, reason = "the function is a case of this lint")]
    pub(super) fn changes(mut number: u8) -> u8 {
        number
    }
}

mod annotated {
    use prefactor::span;

    #[expect(clippy::unused_async, reason = "the function is a case of this lint")]
    #[span("expect:waits")]
    pub(super) async fn waits(number: u8) -> u8 {
        number
    }

    #[expect(clippy::unnecessary_wraps, reason = "the function is a case of this lint")]
    #[span("expect:wraps")]
    pub(super) fn wraps(number: u8) -> Option<u8> {
        Some(number)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the function is a case of this lint")]
    #[span("expect:takes")]
    pub(super) fn takes(text: String) -> usize {
        text.len()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the function is a case of this lint")]
    #[span("expect:copies")]
    pub(super) fn copies(number: &u8) -> u8 {
        *number
    }

    #[expect(clippy::ptr_arg, reason = "the function is a case of this lint")]
    #[span("expect:borrows")]
    pub(super) fn borrows(numbers: &Vec<u8>) -> usize {
        numbers.len()
    }

    #[expect(clippy::needless_return, reason = "the function is a case of this lint")]
    #[span("expect:returns")]
    pub(super) fn returns(number: u8) -> u8 {
        return number;
    }

    #[span("expect:within")]
    pub(super) fn expects_within(number: u8) -> u8 {
        #[expect(clippy::needless_return, reason = "the function is a case of this lint")]
        return number;
    }

    #[expect(
        unconditional_recursion,
        clippy::only_used_in_recursion,
        reason = "the function is a case of this lint"
    )]
    #[span("expect:recurs")]
    pub(super) fn recurs(number: u8) -> u8 {
        recurs(number)
    }

    #[expect(unused_variables, reason = "the function is a case of this lint")]
    #[span("expect:ignores")]
    pub(super) fn ignores(number: u8) -> u8 {
        1
    }

    #[expect(unused_mut, reason = "the function is a case of this lint")]
    #[span("expect:changes")]
    pub(super) fn changes(mut number: u8) -> u8 {
        number
    }
}

#[test]
fn functions_with_expected_lints_behave_alike() {
    use prefactor_attribute::wait;

    macro_rules! all {
        ($twin:ident) => {{
            let text = "abc".to_owned();
            let first = (wait($twin::waits(1)), $twin::wraps(1), $twin::takes(text), $twin::copies(&1));
            let _: fn(u8) -> u8 = $twin::recurs;
            let second = ($twin::borrows(&vec![1]), $twin::returns(1), $twin::expects_within(1));
            (first, second, $twin::ignores(1), $twin::changes(1))
        }};
    }

    assert_eq!(all!(plain), all!(annotated));
}
