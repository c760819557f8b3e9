//! Patterns and attributes in parameter position, `mut` bindings, parameters that nobody uses.

use prefactor_attribute::{alike, twins, wait};

pub(crate) struct Point {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) label: String,
}

pub(crate) struct Newtype<T>(pub(crate) T);

fn point() -> Point {
    Point { x: 3, y: 4, label: "p".to_owned() }
}

twins! {
    #[span("patterns:tuple")]
    pub(crate) fn tuple((a, b): (u8, String), (c, ..): (u8, u8, u8)) -> String {
        format!("{a}{b}{c}")
    }

    #[span("patterns:tuple_async")]
    pub(crate) async fn tuple_async((a, mut b): (u8, String), (_, c): (u8, u8)) -> String {
        b.push('!');
        tokio::task::yield_now().await;
        format!("{a}{b}{c}")
    }

    #[span("patterns:struct")]
    pub(crate) fn structure(Point { x, y: vertical, ref label }: Point) -> String {
        format!("{x}{vertical}{label}")
    }

    #[span("patterns:struct_rest")]
    pub(crate) async fn structure_rest(Point { x, .. }: &Point, Newtype(inner): Newtype<&mut u8>) -> i32 {
        tokio::task::yield_now().await;
        *inner += 1;
        x + i32::from(*inner)
    }

    #[span("patterns:slice")]
    pub(crate) fn slice([first, .., last]: [u8; 4], [a, rest @ ..]: &[u8; 3]) -> usize {
        usize::from(first + last + a) + rest.len()
    }

    #[span("patterns:nested")]
    pub(crate) async fn nested(
        ((a, [b, c]), Newtype(Point { label, .. })): ((u8, [u8; 2]), Newtype<Point>),
    ) -> String {
        format!("{a}{b}{c}{label}")
    }

    #[span("patterns:reference")]
    pub(crate) fn reference(&a: &u8, &mut b: &mut u8, &(c, ref d): &(u8, String)) -> String {
        format!("{a}{b}{c}{d}")
    }

    #[span("patterns:by_ref")]
    pub(crate) fn by_ref(ref text: String, ref mut count: u8) -> usize {
        *count += 1;
        text.len() + usize::from(*count)
    }

    #[span("patterns:by_ref_async")]
    pub(crate) async fn by_ref_async(ref text: String, ref mut count: u8) -> usize {
        *count += 1;
        tokio::task::yield_now().await;
        text.len() + usize::from(*count)
    }

    #[span("patterns:at")]
    pub(crate) fn at(whole @ (a, b): (u8, u8), copied @ Newtype(..): Newtype<u8>) -> u8 {
        whole.0 + a + b + copied.0
    }

    #[span("patterns:at_ref")]
    pub(crate) fn at_ref(ref whole @ Point { ref label, .. }: Point) -> usize {
        whole.label.len() + label.len()
    }

    #[span("patterns:wildcards")]
    pub(crate) fn wildcards(_: u8, _named: String, (_, _inner): (u8, u8)) -> u8 {
        1
    }

    #[span("patterns:wildcards_async")]
    pub(crate) async fn wildcards_async(_: &str, _named: String, (_, _inner): (u8, u8)) -> u8 {
        tokio::task::yield_now().await;
        2
    }

    #[span("patterns:used_underscore")]
    pub(crate) async fn used_underscore(_text: String) -> usize {
        #[expect(clippy::used_underscore_binding, reason = "the case is written as users write it")]
        _text.len()
    }

    #[span("patterns:mut")]
    pub(crate) fn mutable(mut n: u32, mut items: Vec<u32>) -> Vec<u32> {
        while n > 0 {
            n -= 1;
            items.push(n);
        }
        items
    }

    #[span("patterns:mut_async")]
    pub(crate) async fn mutable_async(mut n: u32, mut items: Vec<u32>) -> Vec<u32> {
        while n > 0 {
            n -= 1;
            tokio::task::yield_now().await;
            items.push(n);
        }
        items
    }

    #[span("patterns:repointed_async")]
    pub(crate) async fn repointed_async(mut text: &str, mut items: &mut Vec<u8>) -> usize {
        let local = format!("{text}{text}");
        let mut other = vec![1];
        if text.len() < 3 {
            text = &local;
            items = &mut other;
        }
        items.push(2);
        tokio::task::yield_now().await;
        text.len() * items.len()
    }

    #[span("patterns:consumed_slice")]
    pub(crate) fn consumed(mut bytes: &[u8], mut into: &mut [u8]) -> usize {
        use std::io::{Read as _, Write as _};
        let mut first = [0];
        let read = bytes.read(&mut first).unwrap_or(0);
        read + into.write(bytes).unwrap_or(0) + into.len()
    }

    #[span("patterns:assigned")]
    pub(crate) fn reborrowed(counter: &mut u8, list: &mut Vec<u8>) {
        for _ in 0..2 {
            *counter += 1;
            add(list, *counter);
        }
        list.reverse();
    }

    #[span("patterns:helper")]
    fn add(list: &mut Vec<u8>, item: u8) {
        list.push(item);
    }

    #[span("patterns:conditional")]
    pub(crate) fn conditional(a: u8, #[cfg(all())] b: u8, #[cfg(any())] absent: NoSuchType) -> u8 {
        a + b
    }

    #[span("patterns:conditional_async", skip(a), debug(b))]
    pub(crate) async fn conditional_async(
        #[cfg(all())] a: u8,
        #[cfg(all())] mut b: u8,
        #[cfg(any())] absent: NoSuchType,
    ) -> u8 {
        b += 1;
        a + b
    }

    #[span("patterns:allowed")]
    pub(crate) fn lint_levels(
        #[expect(unused_variables, reason = "never used")] a: u8,
        #[expect(unused_mut, reason = "never changed")] mut b: u8,
    ) -> u8 {
        b
    }

    #[span("patterns:allowed_async")]
    pub(crate) async fn lint_levels_async(
        #[expect(unused_variables, reason = "never used")] a: &str,
        #[expect(unused_mut, reason = "never changed")] mut b: u8,
        #[cfg(all())]
        #[expect(unused, reason = "never used")]
        c: u8,
    ) -> u8 {
        tokio::task::yield_now().await;
        b
    }

    #[expect(unused_variables, reason = "the level holds for what the function binds")]
    #[span("patterns:function_level")]
    pub(crate) async fn function_level(unused: &str, (also, unused_too): (u8, u8)) {}

    #[span("patterns:function_level_below")]
    #[expect(
        unused_variables,
        unused_mut,
        unused_assignments,
        reason = "the level holds for what the function binds"
    )]
    pub(crate) fn function_level_below(unused: &str, mut also: u8, mut assigned: u8) {
        assigned = 1;
    }

    #[span("patterns:raw")]
    pub(crate) fn r#match(r#type: u8, r#fn: &str, mut r#loop: u8) -> usize {
        r#loop += r#type;
        r#fn.len() + usize::from(r#loop)
    }

    #[span("patterns:shadowed")]
    pub(crate) async fn shadowed(text: &str, n: u8) -> String {
        let text = text.to_owned() + "!";
        let n = if n > 1 { text.len() } else { 0 };
        tokio::task::yield_now().await;
        let text = format!("{text}{n}");
        text
    }

    #[span("patterns:only_in_format")]
    pub(crate) fn only_in_format(text: &str, width: usize) -> String {
        format!("{text:>width$}")
    }

    #[span("patterns:only_in_macro")]
    pub(crate) async fn only_in_macro(items: Vec<u8>) -> bool {
        matches!(&items[..], [1, ..])
    }
}

alike! {
    fn destructured_arguments_behave_alike(twin) {
        let (mut inner, mut b) = (1, 2);
        wait(async {
            (
                twin::tuple((1, "b".to_owned()), (3, 4, 5)),
                twin::tuple_async((1, "b".to_owned()), (3, 4)).await,
                twin::structure(point()),
                twin::structure_rest(&point(), Newtype(&mut inner)).await,
                twin::slice([1, 2, 3, 4], &[5, 6, 7]),
                twin::nested(((1, [2, 3]), Newtype(point()))).await,
                twin::reference(&1, &mut b, &(3, "d".to_owned())),
                (twin::by_ref("text".to_owned(), 1), twin::by_ref_async("text".to_owned(), 1).await),
                (twin::at((1, 2), Newtype(3)), twin::at_ref(point())),
            )
        })
    }

    fn unused_parameters_behave_alike(twin) {
        wait(async {
            twin::function_level("", (1, 2)).await;
            twin::function_level_below("", 1, 2);
            (
                twin::wildcards(1, String::new(), (2, 3)),
                twin::wildcards_async("", String::new(), (2, 3)).await,
                twin::used_underscore("four".to_owned()).await,
                twin::lint_levels(1, 2),
                twin::lint_levels_async("", 2, 3).await,
            )
        })
    }

    fn mutable_bindings_behave_alike(twin) {
        let (mut items, mut counter, mut list) = (vec![5], 0, Vec::new());
        twin::reborrowed(&mut counter, &mut list);
        wait(async {
            (
                (twin::mutable(2, vec![7]), twin::mutable_async(2, vec![7]).await),
                (
                    twin::repointed_async("ab", &mut items).await,
                    twin::repointed_async("abc", &mut items).await,
                ),
                twin::consumed(&[1, 2, 3], &mut [0; 4]),
                (items, counter, list),
            )
        })
    }

    fn conditions_names_and_shadows_behave_alike(twin) {
        wait(async {
            (
                (twin::conditional(1, 2), twin::conditional_async(1, 2).await),
                twin::r#match(1, "ab", 3),
                twin::shadowed("ab", 2).await,
                (twin::only_in_format("ab", 4), twin::only_in_macro(vec![1, 2]).await),
            )
        })
    }
}
