//! Functions that `macro_rules!` writes, with fragments of each kind in each place.

use prefactor_attribute::{alike, twins, wait};

twins! {
    macro_rules! with_block {
        (
            $(#[$meta:meta])*
            $schema:literal $visibility:vis $name:ident($($argument:ident: $type:ty),*) -> $returned:ty
            $body:block
        ) => {
            $(#[$meta])*
            #[span($schema)]
            $visibility fn $name($($argument: $type),*) -> $returned $body
        };
        (
            $schema:literal
            async $visibility:vis $name:ident($($argument:ident: $type:ty),*) -> $returned:ty
            $body:block
        ) => {
            #[span($schema)]
            $visibility async fn $name($($argument: $type),*) -> $returned $body
        };
    }

    with_block! {
        /// With documentation.
        #[must_use]
        "macros:block" pub(crate) block(text: &str, times: usize) -> String {
            text.repeat(times)
        }
    }

    with_block! {
        "macros:block_async" async pub(crate) block_async(text: &str, items: Vec<u8>) -> Result<usize, String> {
            tokio::task::yield_now().await;
            if items.is_empty() {
                return Err(format!("{text} is empty"));
            }
            Ok(text.len() + items.len())
        }
    }

    macro_rules! with_expression {
        ($name:ident, $schema:expr, $body:expr) => {
            #[span($schema)]
            pub(crate) async fn $name() -> u32 {
                $body
            }
        };
    }

    fn helper() {}

    with_expression!(expression, "macros:expression", 1 + 2);
    with_expression!(expression_block, "macros:expression_block", {
        helper();
        3
    });
    with_expression!(expression_await, "macros:expression_await", async { 4 }.await);

    macro_rules! with_pattern {
        ($name:ident, $pattern:pat, $type:ty => $result:expr) => {
            #[span("macros:pattern")]
            pub(crate) fn $name($pattern: $type) -> u32 {
                $result
            }
        };
    }

    with_pattern!(pattern, (a, b), (u32, u32) => a * b);
    with_pattern!(pattern_mut, mut n, u32 => { n += 1; n });
    with_pattern!(pattern_wildcard, _, u32 => 8);

    macro_rules! with_parameter {
        ($name:ident, $n:ident $($parameter:tt)*) => {
            #[span("macros:tokens")]
            pub(crate) async fn $name($n $($parameter)*, more: u32) -> u32 {
                $n + more
            }
        };
    }

    with_parameter!(tokens, n: u32);

    macro_rules! with_hygiene {
        ($name:ident, $argument:ident, $result:expr) => {
            #[span("macros:hygiene")]
            pub(crate) fn $name(n: u32, $argument: u32) -> u32 {
                let unused = n;
                $result + unused
            }
        };
    }

    with_hygiene!(hygiene, m, m * 10);
    with_hygiene!(hygiene_same_name, n, n * 10);

    macro_rules! with_lifetime {
        ($name:ident, $lifetime:lifetime, $schema:tt, $function:path, $bound:path) => {
            #[span($schema)]
            pub(crate) fn $name<$lifetime, T: $bound>(text: &$lifetime str, _shown: T) -> &$lifetime str {
                $function(text)
            }
        };
    }

    with_lifetime!(lifetime, 'text, "macros:lifetime", str::trim, std::fmt::Debug);

    macro_rules! with_methods {
        ($type:ident { $($name:ident => $body:block)* }) => {
            pub(crate) struct $type(pub(crate) u32);

            impl $type {
                $(
                    #[span("macros:method")]
                    pub(crate) async fn $name(&mut self, by: u32) -> u32 {
                        self.0 += by;
                        $body
                    }
                )*
            }
        };
    }

    with_methods!(Counter {
        one => { 1 }
        two => { let n = 2; tokio::task::yield_now().await; n }
    });

    macro_rules! with_item {
        ($item:item) => {
            #[span("macros:item")]
            $item
        };
    }

    with_item! {
        pub(crate) async fn item(text: &str) -> Option<&str> {
            let found = text.strip_prefix('a')?;
            Some(found)
        }
    }

    macro_rules! with_options {
        ($name:ident, $argument:ident, $key:literal, $value:expr, $label:literal, $path:path) => {
            #[span("macros:options", debug($argument), fields($key = $value), name = $label, ret(with = $path))]
            pub(crate) fn $name($argument: &str) -> usize {
                $argument.len()
            }
        };
    }

    with_options!(options, secret, "length", secret.len(), "A label", Clone::clone);

    macro_rules! nested {
        ($name:ident) => {
            nested!(@ $name, "macros:nested", { two_deep(1) });
        };
        (@ $name:ident, $schema:literal, $body:block) => {
            nested!(@@ $name, $schema, $body);
        };
        (@@ $name:ident, $schema:expr, $body:block) => {
            #[span($schema)]
            pub(crate) fn $name() -> u32 $body
        };
    }

    nested!(nested);

    #[span("macros:two_deep")]
    fn two_deep(n: u32) -> u32 {
        macro_rules! inner {
            ($type:ty, $body:block) => {
                #[span("macros:inner")]
                fn inner(n: $type) -> $type {
                    let doubled = n * 2;
                    doubled + $body
                }
            };
        }
        inner!(u32, { 5 });
        inner(n)
    }
}

alike! {
    fn functions_made_of_macro_fragments_behave_alike(twin) {
        wait(async {
            let mut counter = twin::Counter(1);
            (
                twin::block("ab", 2),
                (twin::block_async("ab", vec![1]).await, twin::block_async("ab", vec![]).await),
                (twin::expression().await, twin::expression_block().await, twin::expression_await().await),
                (twin::pattern((2, 3)), twin::pattern_mut(6), twin::pattern_wildcard(1)),
                twin::tokens(1, 2).await,
                (twin::hygiene(1, 2), twin::hygiene_same_name(1, 2)),
                twin::lifetime(" a ", 1),
                (counter.one(1).await, counter.two(2).await, counter.0),
                (twin::item("abc").await, twin::item("bc").await),
                (twin::options("four"), twin::nested()),
            )
        })
    }
}
