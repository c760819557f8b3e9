//! Names of the user that look like names of the attribute.
#![expect(non_upper_case_globals, reason = "constants with the names of variables")]

use prefactor_attribute::{alike, twins, wait};

// A `let` with the name of a constant or static in scope would be a pattern.
pub(crate) const call: u8 = 1;
pub(crate) const never: u8 = 2;
pub(crate) const value_: u8 = 3;
pub(crate) static guard: u8 = 4;
pub(crate) static returned_: u8 = 5;
pub(crate) const prepared: u8 = 6;
pub(crate) const result: u8 = 7;
pub(crate) static future: u8 = 8;
pub(crate) const site: u8 = 9;

pub(crate) mod prefactor {
    pub(crate) mod __private {}
}

pub(crate) mod core {}

/// Its own methods must not be taken for the attribute's.
pub(crate) struct Impostor(pub(crate) u8);

impl Impostor {
    pub(crate) fn captured(&self) -> u8 {
        self.0
    }

    pub(crate) fn failure(&self) -> u8 {
        self.0
    }

    pub(crate) fn split(&self) -> (u8, u8) {
        (self.0, self.0)
    }

    pub(crate) fn run(&self) -> u8 {
        self.0
    }

    pub(crate) fn insert(&self, _: &str) -> u8 {
        self.0
    }
}

/// Has the methods of `Impostor` behind `Deref`.
pub(crate) struct Pointer(pub(crate) Impostor);

impl std::ops::Deref for Pointer {
    type Target = Impostor;

    fn deref(&self) -> &Impostor {
        &self.0
    }
}

/// Blanket methods on everything, by the same names.
pub(crate) trait Blanket {
    fn captured(&self) -> &'static str {
        "user's"
    }

    fn failure(&self) -> &'static str {
        "user's"
    }

    fn split(&self) -> &'static str {
        "user's"
    }

    fn run(&self) -> &'static str {
        "user's"
    }

    fn run_async(&self) -> &'static str {
        "user's"
    }

    fn enter(&self) -> &'static str {
        "user's"
    }
}

impl<T: ?Sized> Blanket for T {}

twins! {
    #[span("hygiene:helpers")]
    pub(crate) fn helpers(debug: u8, display: u8, span: u8, prefactor: u8, args: u8, value: u8) -> u8 {
        debug + display + span + prefactor + args + value
    }

    #[span("hygiene:helpers_async", debug(debug), display(display))]
    pub(crate) async fn helpers_async(
        debug: u8,
        display: u8,
        mut span: u8,
        prefactor: u8,
        args: u8,
        value: u8,
    ) -> u8 {
        span += 1;
        tokio::task::yield_now().await;
        debug + display + span + prefactor + args + value
    }

    #[span("hygiene:more")]
    pub(crate) async fn more_helpers(
        arguments: u8,
        captured: u8,
        outcome: u8,
        calls: u8,
        body: u8,
        returned: u8,
        wanted: u8,
        error: u8,
    ) -> [u8; 8] {
        [arguments, captured, outcome, calls, body, returned, wanted, error]
    }

    #[span("hygiene:prefixed")]
    pub(crate) fn prefixed(_unused: u8) -> Result<u8, String> {
        Ok(call + never + value_ + guard + returned_ + prepared + result + future + site)
    }

    #[span("hygiene:prefixed_async")]
    pub(crate) async fn prefixed_async(n: u8) -> Result<u8, String> {
        Ok(n + call + never + value_ + guard + returned_ + prepared + result + future + site)
    }

    #[span("hygiene:tracked")]
    #[track_caller]
    pub(crate) fn tracked(n: u8) -> u8 {
        n + guard + value_
    }

    #[span("hygiene:body_variables")]
    pub(crate) async fn body_variables() -> u8 {
        let (waker, span, _outcome) = (1, 2, 3);
        tokio::task::yield_now().await;
        let sum = waker + span;
        sum
    }

    #[span("hygiene:methods")]
    pub(crate) fn methods(impostor: Impostor, pointer: &Pointer) -> Impostor {
        let sum = impostor.captured()
            + impostor.failure()
            + impostor.split().0
            + impostor.run()
            + impostor.insert("a");
        Impostor(sum + pointer.0.captured())
    }

    #[span("hygiene:methods_async")]
    pub(crate) async fn methods_async(impostor: Impostor, pointer: &Pointer) -> Result<Impostor, Impostor> {
        tokio::task::yield_now().await;
        Err(Impostor(impostor.captured() + pointer.0.failure()))
    }

    #[span("hygiene:blanket", fields(text = value.captured()))]
    pub(crate) fn blanket(value: u8) -> (&'static str, &'static str, [&'static str; 2]) {
        (value.captured(), ().split(), [Blanket::run(&value), value.run_async()])
    }

    #[span("hygiene:blanket_async", fields(text = value.run_async()))]
    pub(crate) async fn blanket_async(value: String) -> Result<&'static str, &'static str> {
        Err(Blanket::enter(&value))
    }

    #[span("hygiene:none_leaks")]
    pub(crate) fn traits_do_not_leak() -> bool {
        // These calls would be ambiguous if the attribute's traits were in scope.
        Some(()).captured() == "user's" && Some(()).failure() == "user's"
    }

    #[span("hygiene:items")]
    pub(crate) fn items_in_the_body(n: u8) -> u8 {
        const LIMIT: u8 = 3;
        static STATIC: u8 = 4;
        struct Local(u8);
        impl Local {
            #[span("hygiene:inner_method")]
            fn get(&self) -> u8 {
                self.0
            }
        }
        macro_rules! add {
            ($n:expr) => {
                $n + LIMIT
            };
        }
        #[span("hygiene:inner_function")]
        fn inner(n: u8) -> u8 {
            n + STATIC
        }
        add!(inner(Local(n).get()))
    }

    #[span("hygiene:same_name_inside")]
    pub(crate) async fn same_name_inside(n: u8) -> u8 {
        #[span("hygiene:same_name_inside_inner")]
        async fn same_name_inside(n: u8) -> u8 {
            n * 2
        }
        same_name_inside(n).await + 1
    }

    #[span("hygiene:type_parameters")]
    pub(crate) fn type_parameters<Ok, Err, Some, F, T, R, O>(
        ok: Ok,
        _err: Err,
        _some: Some,
        _rest: (F, T, R, O),
    ) -> Result<Ok, Err> {
        Ok(ok)
    }

    #[span("hygiene:type_parameters_async")]
    pub(crate) async fn type_parameters_async<Option, Box, Result>(
        option: Option,
        _more: (Box, Result),
    ) -> Option {
        option
    }
}

alike! {
    fn arguments_with_names_of_generated_code_behave_alike(twin) {
        wait(async {
            (
                twin::helpers(1, 2, 3, 4, 5, 6),
                twin::helpers_async(1, 2, 3, 4, 5, 6).await,
                twin::more_helpers(1, 2, 3, 4, 5, 6, 7, 8).await,
                (twin::prefixed(1), twin::prefixed_async(1).await, twin::tracked(1)),
                twin::body_variables().await,
            )
        })
    }

    fn methods_behave_alike(twin) {
        wait(async {
            (
                twin::methods(Impostor(1), &Pointer(Impostor(2))).0,
                twin::methods_async(Impostor(1), &Pointer(Impostor(2))).await.map_err(|error| error.0).err(),
                (twin::blanket(1), twin::blanket_async(String::new()).await),
                twin::traits_do_not_leak(),
            )
        })
    }

    fn items_and_types_behave_alike(twin) {
        wait(async {
            (
                twin::items_in_the_body(1),
                twin::same_name_inside(2).await,
                twin::type_parameters::<_, (), _, _, _, _, _>(1, (), 2, (3, 4, 5, 6)),
                twin::type_parameters_async(1, (2, 3)).await,
            )
        })
    }
}
