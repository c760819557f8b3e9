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
    ::prefactor::__private::ways(
            ::prefactor::__private::Returns::<
                Pin<Box<dyn Future<Output = Output> + Send + '_>>,
            >::TYPE,
        )
        .__prefactor_run(
            __prefactor_is_recorded,
            move || -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
                let _ = &input;
                ({ Box::pin(async move { self.run(input).await }) })
            },
        )
}
