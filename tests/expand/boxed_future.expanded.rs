//! A boxed future is followed by its type, under any alias. The span starts at the call and ends with the future.
fn call(&self, input: Input) -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:tool_call", "input"]);
        ::prefactor::__private::argument(&input)
            .__prefactor_strategies()
            .__prefactor_put();
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run(
        __prefactor_is_recorded,
        ::prefactor::__private::returning!(
            Pin < Box < dyn Future < Output = Output > + Send + '_ > >
        ),
        move || -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
            let _ = &input;
            ({ Box::pin(async move { self.run(input).await }) })
        },
    )
}
