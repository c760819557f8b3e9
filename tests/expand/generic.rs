//! A generic function. `let _ = &by;` takes an argument along that may need a drop, so that it drops inside of the span, and in
//! the order in which the function would drop its arguments.
#[span("agent:rank")]
async fn rank<'a, T, const N: usize>(documents: [&'a T; N], by: impl Fn(&T) -> f32) -> Option<&'a T>
where
    T: ?Sized,
{
    documents.into_iter().max_by(|left, right| by(left).total_cmp(&by(right)))
}
