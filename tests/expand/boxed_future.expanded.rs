fn call(&self, input: Input) -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin(
            &::prefactor::__private::Callsite {
                schema_name: "agent:tool_call",
                arguments: &["input"],
            },
        );
        ::prefactor::__private::argument(&input).__prefactor_put();
    }
    let __prefactor_way = ::prefactor::__private::ways::<
        Pin<Box<dyn Future<Output = Output> + Send + '_>>,
    >();
    let __prefactor_running = __prefactor_way.__prefactor_start(__prefactor_is_recorded);
    __prefactor_way
        .__prefactor_finish(
            __prefactor_running,
            move || -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
                let _ = &input;
                ({ Box::pin(async move { self.run(input).await }) })
            },
        )
}
