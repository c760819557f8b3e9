//! The type of the spans, beside the span: title, description, template, risk, and what the signature says.
/// Asks the model.
///
/// In more words.
fn ask(
    client: &Client,
    model: &str,
    query: Option<Vec<String>>,
    seed: Option<Seed>,
) -> Result<u64, Error> {
    ::prefactor::__private::contribute! {
        ::prefactor::__private::Contribution { schema_name : "agent:llm_call", place :
        ::prefactor::__private::concat!(::prefactor::__private::module_path!(), "::ask:",
        ::prefactor::__private::line!()), title :
        ::prefactor::__private::Some("Model call"), description :
        ::prefactor::__private::Some("Asks the model."), template :
        ::prefactor::__private::Some("{{ model }}: {{ q }}"), risk : ||
        ::prefactor::__private::DataRisk::new()
        .action(::prefactor::__private::RiskAction::ReadData,
        ::prefactor::__private::Permission::Allowed)
        .params(::prefactor::__private::Classification::Internal), params : & [("model",
        ::prefactor::__private::Shape::Text), ("q",
        ::prefactor::__private::Shape::Optional(& ::prefactor::__private::Shape::List(&
        ::prefactor::__private::Shape::Text))), ("seed",
        ::prefactor::__private::Shape::Anything), ("size",
        ::prefactor::__private::Shape::Anything)], result :
        ::prefactor::__private::Shape::Unsigned, ..
        ::prefactor::__private::Contribution::EMPTY }
    }
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(
            &["agent:llm_call", "model", "q", "seed", "size"],
        );
        ::prefactor::__private::put_primitive(&model);
        ::prefactor::__private::data(&query).__prefactor_put_named();
        ::prefactor::__private::argument(&seed)
            .__prefactor_strategies()
            .__prefactor_put();
        ::prefactor::__private::put_computed(|| {
            ::prefactor::__private::value(&(query.len()))
                .__prefactor_strategies()
                .__prefactor_named()
        });
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run(
        __prefactor_is_recorded,
        ::prefactor::__private::returning!(Result < u64, Error >),
        move || -> Result<u64, Error> {
            let _ = &seed;
            let _ = &query;
            ({ client.ask(model, query, seed) })
        },
    )
}
