//! What is refused, each with the cure.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Error, Result, ReturnType};

use crate::args::{Args, Options};
use crate::function::{Argument, Function, Returns};
use crate::nearest::nearest;

/// All complaints about an attribute on a function, together.
pub(crate) fn check(args: &Args, function: &Function) -> Result<()> {
    let arguments = function.arguments();
    let complaints = [
        check_schema_name(args),
        check_const(function),
        check_arguments(&args.options, &arguments),
        check_keys(&args.options, &arguments),
        check_outcome(&args.options, function),
        check_boxed(&args.options, function),
    ];
    let complaints = complaints.into_iter().filter_map(Result::err).reduce(|mut all, next| {
        all.combine(next);
        all
    });
    complaints.map_or(Ok(()), Err)
}

fn refuse<T>(at: Span, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::new(at, message))
}

fn check_schema_name(args: &Args) -> Result<()> {
    if args.schema_name.value().trim().is_empty() {
        let message = r#"the schema name is empty: name the kind of work, as in "agent:llm_call""#;
        return refuse(args.schema_name.span(), message);
    }
    Ok(())
}

fn check_const(function: &Function) -> Result<()> {
    let Some(constness) = &function.signature.constness else { return Ok(()) };
    refuse(
        constness.span,
        "a `const fn` can run at compile time, where there is nothing to record: remove `const`, or the attribute",
    )
}

/// Every argument that an option names is there, and is named by one option only.
fn check_arguments(options: &Options, arguments: &[Argument]) -> Result<()> {
    let skipped = options.skip.iter();
    let respelt = options.respelt.iter().map(|(argument, _)| argument);
    let renamed = options.renamed.iter().map(|(argument, _)| argument);
    for argument in skipped.clone().chain(respelt.clone()).chain(renamed.clone()) {
        check_argument(argument, arguments)?;
        if let Some(skip_all) = options.skip_all {
            let message = format!("`skip_all` leaves nothing to say of `{argument}`: remove one of them");
            return refuse(skip_all, message);
        }
    }
    let mut spelt: Vec<&Ident> = Vec::new();
    for argument in skipped.clone().chain(respelt) {
        if spelt.contains(&argument) {
            return refuse(argument.span(), format!("`{argument}` is named twice: keep one of them"));
        }
        spelt.push(argument);
    }
    let mut names: Vec<&Ident> = skipped.collect();
    for argument in renamed {
        if names.contains(&argument) {
            return refuse(argument.span(), format!("`{argument}` is named twice: keep one of them"));
        }
        names.push(argument);
    }
    match options.skip_all {
        Some(skip_all) if !arguments.iter().any(Argument::is_recorded) => {
            refuse(skip_all, "`skip_all` has no effect: the function has no arguments to record")
        }
        _ => Ok(()),
    }
}

fn check_argument(argument: &Ident, arguments: &[Argument]) -> Result<()> {
    if argument == "self" {
        return refuse(
            argument.span(),
            "`self` is never recorded: remove it, or name what you need in `fields(…)`",
        );
    }
    let Some(found) = arguments.iter().find(|candidate| candidate.binding == *argument) else {
        let names: Vec<String> =
            arguments.iter().filter(|argument| argument.is_recorded()).map(Argument::name).collect();
        let cure = match nearest(&argument.to_string(), names.iter().map(String::as_str)) {
            Some(name) => format!("did you mean `{name}`?"),
            None if names.is_empty() => "the function has none".to_owned(),
            None => format!("the arguments are `{}`", names.join("`, `")),
        };
        return refuse(argument.span(), format!("there is no argument `{argument}`: {cure}"));
    };
    if found.is_recorded() {
        return Ok(());
    }
    let message =
        format!("`{argument}` is not recorded, for its name begins with an underscore: remove it here");
    refuse(argument.span(), message)
}

/// No two members of the payload have one key. A field may replace an argument.
fn check_keys(options: &Options, arguments: &[Argument]) -> Result<()> {
    let key_of = |argument: &Argument| {
        let renamed = options.renamed.iter().find(|(renamed, _)| *renamed == argument.binding);
        renamed.map_or_else(|| argument.name(), |(_, name)| name.value())
    };
    let is_recorded = |argument: &&Argument| {
        options.skip_all.is_none() && argument.is_recorded() && !options.skip.contains(&argument.binding)
    };
    let keys: Vec<String> = arguments.iter().filter(is_recorded).map(key_of).collect();
    for (_, name) in &options.renamed {
        if keys.iter().filter(|key| **key == name.value()).count() > 1 {
            let message = format!("the payload has `{}` already: choose another name", name.value());
            return refuse(name.span(), message);
        }
    }
    for (index, field) in options.fields.iter().enumerate() {
        if options.fields[..index].iter().any(|other| other.key.value() == field.key.value()) {
            let message = format!("the field `{}` is given twice: remove one of them", field.key.value());
            return refuse(field.key.span(), message);
        }
    }
    let mut all = keys.into_iter().chain(options.fields.iter().map(|field| field.key.value()));
    match &options.name {
        Some(name) if name.value().trim().is_empty() => {
            refuse(name.span(), "the name is empty: say what the span is called, or remove `name`")
        }
        Some(name) if all.any(|key| key == "name") => refuse(
            name.span(),
            "the payload's `name` is taken by an argument or field: give that one another, as in `rename(name = \"…\")`",
        ),
        _ => Ok(()),
    }
}

/// The options that look at the returned value find one.
fn check_outcome(options: &Options, function: &Function) -> Result<()> {
    let ret = options.ret.as_ref().map(|(span, _)| (*span, "ret"));
    let err = options.err.as_ref().map(|(span, _)| (*span, "err"));
    let fail_when = options.fail_when.as_ref().map(|value| (syn::spanned::Spanned::span(value), "fail_when"));
    let about_value = [ret, err, fail_when];
    let first = about_value.into_iter().flatten().next();
    let stream = mentions_stream(&function.signature.output);
    if let Some(items) = options.items.filter(|_| !stream) {
        return refuse(items, "`err(items)` has no effect: the function does not return a stream");
    }
    match (first, &function.signature.output) {
        (Some((span, option)), ReturnType::Default) => {
            refuse(span, format!("`{option}` has no effect: the function returns nothing"))
        }
        (Some((span, option)), _) if matches!(function.returns(), Returns::Never) => {
            refuse(span, format!("`{option}` has no effect: the function does not return"))
        }
        (Some((span, option)), _) if matches!(function.returns(), Returns::OpaqueStream(_)) => {
            let cure = "a stream has items; `err(items)` fails the span at the first `Err`";
            refuse(span, format!("`{option}` has no effect on a stream: {cure}"))
        }
        (Some((span, option)), _) if function.is_inline() => {
            refuse(span, format!("`{option}` has no effect: the function's value is not looked at"))
        }
        _ => Ok(()),
    }
}

fn mentions_stream(output: &ReturnType) -> bool {
    output.to_token_stream().to_string().contains("Stream")
}

fn check_boxed(options: &Options, function: &Function) -> Result<()> {
    match &options.boxed {
        Some((boxed, _)) if !function.is_async() => {
            refuse(*boxed, "`boxed` has no effect: it boxes the future of an `async fn`")
        }
        _ => Ok(()),
    }
}
