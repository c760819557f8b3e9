//! Functions that never return, and returns in the middle.

use prefactor_attribute::{alike, panic_text, twins, wait};

twins! {
    #[span("diverging:sync")]
    pub(crate) fn never(reason: &str) -> ! {
        panic!("{reason}")
    }

    #[span("diverging:async")]
    pub(crate) async fn never_async(reason: &str) -> ! {
        tokio::task::yield_now().await;
        panic!("{reason}")
    }

    #[span("diverging:loop")]
    pub(crate) fn never_by_loop(mut left: u8) -> ! {
        loop {
            left = left.checked_sub(1).expect("counted down");
        }
    }

    #[span("diverging:async_loop")]
    pub(crate) async fn never_by_loop_async(mut left: u8) -> ! {
        loop {
            tokio::task::yield_now().await;
            left = left.checked_sub(1).expect("counted down");
        }
    }

    #[span("diverging:call")]
    pub(crate) fn never_by_call() -> ! {
        never("called")
    }

    #[span("diverging:statement")]
    pub(crate) async fn never_by_statement(first: bool) -> ! {
        if first {
            never("first");
        }
        never_async("second").await;
    }

    #[span("diverging:typed")]
    pub(crate) fn panics_with_type(n: u8) -> Result<u8, String> {
        if n == 0 { panic!("zero") } else { Ok(n) }
    }

    #[span("diverging:todo")]
    pub(crate) async fn only_panics(_n: u8) -> Vec<String> {
        unreachable!("only")
    }

    #[span("diverging:unit")]
    pub(crate) fn only_panics_unit() {
        panic!("unit")
    }

    #[span("diverging:tracked")]
    #[track_caller]
    pub(crate) fn never_tracked() -> ! {
        panic!("at line {}", std::panic::Location::caller().line())
    }

    #[span("diverging:method")]
    pub(crate) fn exits_by_question_mark(text: &str) -> Option<u8> {
        let n = text.parse::<u8>().ok()?;
        if n == 0 {
            return None;
        }
        Some(n)
    }

    #[span("diverging:early_async")]
    pub(crate) async fn early_return(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
        if text.is_empty() {
            return Err("empty".into());
        }
        let n: u8 = text.parse()?;
        if n > 100 {
            Err(format!("{n} is too much"))?;
        }
        tokio::task::yield_now().await;
        return Ok(n);
    }

    #[span("diverging:loop_value")]
    pub(crate) fn loop_value(mut n: u32) -> u32 {
        loop {
            n += 1;
            if n % 7 == 0 {
                break n;
            }
        }
    }

    #[span("diverging:labelled")]
    pub(crate) async fn labelled(limit: u32) -> u32 {
        'found: {
            for n in 0.. {
                if n * n > limit {
                    break 'found n;
                }
                tokio::task::yield_now().await;
            }
            0
        }
    }

    #[span("diverging:nested_loops")]
    pub(crate) fn nested_loops(rows: &[&[u8]]) -> Option<(usize, usize)> {
        'rows: for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                match cell {
                    0 => continue 'rows,
                    9 => return Some((row, column)),
                    8 => break 'rows,
                    _ => {}
                }
            }
        }
        None
    }

    #[span("diverging:let_else")]
    pub(crate) async fn let_else(text: Option<&str>) -> usize {
        let Some(text) = text else { return 0 };
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("diverging:inner_return")]
    pub(crate) fn inner_returns(n: u8) -> u8 {
        let closure = |n: u8| {
            if n > 1 {
                return 10;
            }
            n
        };
        fn inner(n: u8) -> u8 {
            return n + 1;
        }
        closure(n) + inner(n)
    }
}

alike! {
    fn functions_that_never_return_behave_alike(twin) {
        [
            panic_text(|| twin::never("stop")),
            panic_text(|| wait(twin::never_async("stop"))),
            panic_text(|| twin::never_by_loop(3)),
            panic_text(|| wait(twin::never_by_loop_async(3))),
            panic_text(|| twin::never_by_call()),
            panic_text(|| wait(twin::never_by_statement(true))),
            panic_text(|| wait(twin::never_by_statement(false))),
            panic_text(|| twin::never_tracked()),
        ]
    }

    fn functions_that_panic_behave_alike(twin) {
        (
            (panic_text(|| twin::panics_with_type(0)), twin::panics_with_type(1)),
            panic_text(|| wait(twin::only_panics(0))),
            panic_text(twin::only_panics_unit),
        )
    }

    fn functions_that_leave_early_behave_alike(twin) {
        wait(async {
            let mut results = Vec::new();
            for text in ["", "x", "101", "7"] {
                results.push(twin::early_return(text).await.map_err(|error| error.to_string()));
            }
            (
                ["x", "0", "3"].map(twin::exits_by_question_mark),
                results,
                (twin::loop_value(3), twin::labelled(10).await),
                [twin::nested_loops(&[&[0, 9], &[1, 9]]), twin::nested_loops(&[&[8], &[9]])],
                (twin::let_else(None).await, twin::let_else(Some("ab")).await),
                [twin::inner_returns(1), twin::inner_returns(2)],
            )
        })
    }
}
