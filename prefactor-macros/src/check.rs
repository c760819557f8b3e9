//! What is refused, each with the cure.

use syn::{Error, Result};

use crate::args::Args;
use crate::function::{Argument, Function};
use crate::nearest::nearest;

/// All complaints about an attribute on a function, together.
pub(crate) fn check(args: &Args, function: &Function) -> Result<()> {
    let arguments = function.arguments();
    let complaints = [check_schema_name(args), check_skip(args, &arguments), check_const(function)];
    complaints
        .into_iter()
        .filter_map(Result::err)
        .reduce(|mut all, next| {
            all.combine(next);
            all
        })
        .map_or(Ok(()), Err)
}

fn check_schema_name(args: &Args) -> Result<()> {
    if args.schema_name.value().trim().is_empty() {
        let message = r#"the schema name is empty: name the kind of work, as in "agent:llm_call""#;
        return Err(Error::new(args.schema_name.span(), message));
    }
    Ok(())
}

fn check_skip(args: &Args, arguments: &[Argument]) -> Result<()> {
    if let (Some(skip_all), Some(_)) = (args.skip_all, args.skip.first()) {
        return Err(Error::new(
            skip_all,
            "`skip_all` leaves nothing for `skip` to leave out: remove one of them",
        ));
    }
    let names: Vec<String> = arguments.iter().map(Argument::name).collect();
    for (index, skipped) in args.skip.iter().enumerate() {
        if args.skip[..index].contains(skipped) {
            return Err(Error::new(
                skipped.span(),
                format!("`{skipped}` is skipped twice: remove one of them"),
            ));
        }
        if skipped == "self" {
            return Err(Error::new(skipped.span(), "`self` is never recorded: remove it from `skip`"));
        }
        if !arguments.iter().any(|argument| argument.binding == *skipped) {
            let cure = match nearest(&skipped.to_string(), names.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None if names.is_empty() => "the function has no arguments".to_owned(),
                None => format!("the arguments are `{}`", names.join("`, `")),
            };
            return Err(Error::new(
                skipped.span(),
                format!("there is no argument `{skipped}` to skip: {cure}"),
            ));
        }
    }
    Ok(())
}

fn check_const(function: &Function) -> Result<()> {
    match &function.signature.constness {
        Some(constness) => Err(Error::new(
            constness.span,
            "a `const fn` can run at compile time, where there is nothing to record: remove `const`, or the attribute",
        )),
        None => Ok(()),
    }
}
