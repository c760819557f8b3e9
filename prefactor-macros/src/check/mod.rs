//! Errors for attributes that mislead, each with the cure.

mod schema;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned as _;
use syn::{Error, Result, ReturnType};

use crate::args::{Args, Options, RecordMode};
use crate::function::{Argument, Function, Returns};
use crate::recorded::{is_captured, payload_key};
use crate::suggest::suggest;

/// All errors of an attribute on a function, together.
pub(crate) fn check(args: &Args, function: &Function) -> Result<()> {
    let arguments = function.arguments();
    let errors = [
        check_schema_name(args),
        check_const(function),
        check_arguments(&args.options, &arguments),
        check_keys(&args.options, &arguments),
        check_outcome(&args.options, function),
        check_boxed(&args.options, function),
        schema::check_texts(&args.options),
        schema::check_template(&args.options, &arguments),
        schema::check_exact(&args.options, function, &arguments, check_argument),
    ];
    let errors = errors.into_iter().filter_map(Result::err).reduce(|mut all, next| {
        all.combine(next);
        all
    });
    errors.map_or(Ok(()), Err)
}

fn error_at<T>(at: Span, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::new(at, message))
}

fn check_schema_name(args: &Args) -> Result<()> {
    match &args.schema_name {
        Some(name) if name.value().trim().is_empty() => {
            error_at(name.span(), r#"the schema name must not be empty: use e.g. "agent:llm_call""#)
        }
        _ => Ok(()),
    }
}

fn check_const(function: &Function) -> Result<()> {
    let Some(constness) = &function.signature.constness else { return Ok(()) };
    error_at(
        constness.span,
        "`#[span]` cannot record a `const fn`, which may run at compile time: remove `const` or the attribute",
    )
}

/// Every argument that an option names exists, and is named by one option only. To skip what is not recorded anyway is no error.
fn check_arguments(options: &Options, arguments: &[Argument]) -> Result<()> {
    let skipped = options.skip.iter();
    let captured = options.capture_modes.iter().map(|(argument, _)| argument);
    let renamed = options.renamed.iter().map(|(argument, _)| argument);
    for argument in skipped.clone() {
        if argument != "self" {
            find_argument(argument, arguments)?;
        }
    }
    for argument in captured.clone().chain(renamed.clone()) {
        check_argument(argument, arguments)?;
    }
    for argument in captured.clone().chain(renamed.clone()) {
        if options.skip_all {
            let message =
                format!("`{argument}` is already skipped by `skip_all`: remove `{argument}` or `skip_all`");
            return error_at(argument.span(), message);
        }
    }
    let mut named: Vec<&Ident> = Vec::new();
    for argument in skipped.clone().chain(captured) {
        if named.contains(&argument) {
            return error_at(argument.span(), format!("`{argument}` is named twice: keep one of them"));
        }
        named.push(argument);
    }
    let mut named: Vec<&Ident> = skipped.collect();
    for argument in renamed {
        if named.contains(&argument) {
            return error_at(argument.span(), format!("`{argument}` is named twice: keep one of them"));
        }
        named.push(argument);
    }
    Ok(())
}

fn check_argument(argument: &Ident, arguments: &[Argument]) -> Result<()> {
    if argument == "self" {
        return error_at(
            argument.span(),
            "`self` is never recorded: use e.g. `fields(id = self.id)` for a part of it",
        );
    }
    if find_argument(argument, arguments)?.is_recorded() {
        return Ok(());
    }
    let message = format!(
        "`{argument}` is not recorded, because its name begins with an underscore: remove it here or rename it"
    );
    error_at(argument.span(), message)
}

fn find_argument<'a>(argument: &Ident, arguments: &'a [Argument]) -> Result<&'a Argument> {
    if let Some(found) = arguments.iter().find(|candidate| candidate.binding == *argument) {
        return Ok(found);
    }
    let names: Vec<String> =
        arguments.iter().filter(|argument| argument.is_recorded()).map(Argument::name).collect();
    let cure = match suggest(&argument.to_string(), names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "the function has none".to_owned(),
        None => format!("the arguments are `{}`", names.join("`, `")),
    };
    error_at(argument.span(), format!("there is no argument `{argument}`: {cure}"))
}

/// No two members of the payload have one key. A field may replace an argument.
fn check_keys(options: &Options, arguments: &[Argument]) -> Result<()> {
    let keys: Vec<String> = arguments
        .iter()
        .filter(|argument| is_captured(options, argument))
        .map(|argument| payload_key(options, argument))
        .collect();
    for (_, name) in &options.renamed {
        if keys.iter().filter(|key| **key == name.value()).count() > 1 {
            let message = format!("the payload already has a member `{}`: use another name", name.value());
            return error_at(name.span(), message);
        }
    }
    for (index, field) in options.fields.iter().enumerate() {
        if options.fields[..index].iter().any(|other| other.key.value() == field.key.value()) {
            let message = format!("the field `{}` is given twice: remove one of them", field.key.value());
            return error_at(field.key.span(), message);
        }
    }
    let mut all = keys.into_iter().chain(options.fields.iter().map(|field| field.key.value()));
    match &options.name {
        Some(name) if name.value().trim().is_empty() => error_at(
            name.span(),
            "the name must not be empty: use e.g. `name = \"Ask the model\"`, or remove `name`",
        ),
        Some(name) if all.any(|key| key == "name") => error_at(
            name.span(),
            "an argument or field is already called `name`: rename it, e.g. `rename(name = \"user_name\")`",
        ),
        _ => Ok(()),
    }
}

/// The options that look at the returned value find one.
fn check_outcome(options: &Options, function: &Function) -> Result<()> {
    let has_no_value = matches!(function.signature.output, ReturnType::Default);
    // Without a value, `ret` and its words say what is true already.
    let is_harmless = |mode: &RecordMode| has_no_value && !matches!(mode, RecordMode::With(_));
    let ret = options.ret.as_ref().filter(|(_, mode)| !is_harmless(mode)).map(|(span, _)| (*span, "ret"));
    let err = options.err.as_ref().map(|(span, _)| (*span, "err"));
    let fail_when = options.fail_when.as_ref().map(|value| (value.span(), "fail_when"));
    let usage = options.usage.as_ref().map(|(span, _)| (*span, "usage"));
    let items = options.looks_at_items().map(|span| {
        let is_err = options.items.is_none() && options.stream.is_none();
        let is_ret = options.items.is_some();
        (
            span,
            if is_ret {
                "ret"
            } else if is_err {
                "err"
            } else {
                "stream"
            },
        )
    });
    let Some((span, option)) = [ret, err, fail_when, usage, items].into_iter().flatten().next() else {
        return Ok(());
    };
    match &function.signature.output {
        ReturnType::Default => {
            error_at(span, format!("`{option}` has no effect: the function returns nothing"))
        }
        _ if matches!(function.returns(), Returns::Never) => {
            error_at(span, format!("`{option}` has no effect: the function does not return"))
        }
        _ if ret.is_some() && function.returns_bare_stream() => {
            error_at(span, "`ret` has no effect on a stream: use `ret(items)` or `ret(fold = path)`")
        }
        _ if usage.is_some() && function.returns_bare_stream() => error_at(
            options.usage.as_ref().map_or(span, |(span, _)| *span),
            "`usage` has no effect on a stream: call `Span::current().set_usage(…)` where the usage is known",
        ),
        _ if function.needs_guard() => {
            error_at(span, format!("`{option}` has no effect: the function's value is not read"))
        }
        ReturnType::Type(..) => Ok(()),
    }
}

fn check_boxed(options: &Options, function: &Function) -> Result<()> {
    match &options.boxed {
        Some((boxed, _)) if !function.is_async() => {
            error_at(*boxed, "`boxed` has no effect: it is for an `async fn`")
        }
        _ => Ok(()),
    }
}
