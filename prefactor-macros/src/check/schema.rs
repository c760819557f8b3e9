//! Errors for options about the type of spans.

use proc_macro2::Ident;
use syn::{Error, FnArg, LitStr, Pat, Result, ReturnType, Type};

use crate::args::{CaptureMode, Exact, Options};
use crate::function::{Argument, Function};
use crate::recorded::{is_captured, is_chosen_by_caller, payload_key, value_type};
use crate::suggest::suggest;
use crate::template;

/// Members that the SDK itself puts into results, or into the payloads of top spans.
const OF_THE_SDK: [&str; 18] = [
    "result",
    "token_usage",
    "model",
    "provider",
    "cost",
    "cache_hit",
    "events",
    "error_type",
    "message",
    "sources",
    "location",
    "data",
    "items",
    "output",
    "time_to_first_item_ms",
    "error_after_end",
    "metadata",
    "run",
];

pub(super) fn check_texts(options: &Options) -> Result<()> {
    let texts = [("title", &options.schema.title), ("template", &options.schema.template)];
    for (option, text) in texts {
        if let Some(text) = text.as_ref().filter(|text| text.value().trim().is_empty()) {
            return Err(Error::new(
                text.span(),
                format!("the {option} must not be empty: remove `{option}`"),
            ));
        }
    }
    Ok(())
}

/// A summary can show arguments, fields, and the members of the result that are known.
pub(super) fn check_template(options: &Options, arguments: &[Argument]) -> Result<()> {
    let Some(text) = &options.schema.template else { return Ok(()) };
    let names = template::names(&text.value())
        .map_err(|problem| Error::new(text.span(), format!("the template cannot be rendered: {problem}")))?;
    let mut known: Vec<String> = options.name.iter().map(|_| "name".to_owned()).collect();
    known.extend(
        arguments
            .iter()
            .filter(|argument| is_captured(options, argument))
            .map(|argument| payload_key(options, argument)),
    );
    known.extend(options.fields.iter().map(|field| field.key.value()));
    known.extend(options.schema.result_members.iter().map(Ident::to_string));
    for name in &names {
        if !known.contains(name) && !OF_THE_SDK.contains(&&**name) {
            return Err(unknown_name(text, name, &known, options, arguments));
        }
    }
    Ok(())
}

fn unknown_name(
    text: &LitStr,
    name: &str,
    known: &[String],
    options: &Options,
    arguments: &[Argument],
) -> Error {
    let is_left_out = arguments.iter().any(|argument| argument.name() == name);
    let renamed = options.renamed.iter().find(|(argument, _)| argument == name);
    let cure = if let Some((_, to)) = renamed {
        format!("it is recorded as `{}`", to.value())
    } else if is_left_out {
        "that argument is not recorded".to_owned()
    } else if let Some(suggestion) = suggest(name, known.iter().map(String::as_str)) {
        format!("did you mean `{suggestion}`?")
    } else {
        format!("for a member of the result, add `result_members({name})`")
    };
    Error::new(text.span(), format!("the template names `{name}`, which the payload does not have: {cure}"))
}

/// Types that say their own schema can be named outside of the function.
pub(super) fn check_exact(
    options: &Options,
    function: &Function,
    arguments: &[Argument],
    check_argument: fn(&Ident, &[Argument]) -> Result<()>,
) -> Result<()> {
    let Some(Exact::These(named)) = &options.schema.exact else { return Ok(()) };
    for (index, name) in named.iter().enumerate() {
        let error = |message: String| Err(Error::new(name.span(), message));
        if named[..index].contains(name) {
            return error(format!("`{name}` is named twice: keep one of them"));
        }
        if name == "return" {
            let is_nothing = matches!(function.signature.output, ReturnType::Default);
            if is_nothing || value_type(function).is_some_and(|of| is_chosen_by_caller(of, function)) {
                return error(
                    "`return` needs a type that can be named outside of the function: remove it".into(),
                );
            }
            continue;
        }
        check_argument(name, arguments)?;
        let is_as_it_is = options
            .capture_modes
            .iter()
            .all(|(argument, mode)| argument != name || matches!(mode, CaptureMode::Sensitive));
        if options.skip_all || options.skip.contains(name) || !is_as_it_is {
            return error(format!("`{name}` is not recorded as it is: remove it from `schemars`"));
        }
        if type_of(function, name).is_none_or(|of| is_chosen_by_caller(of, function)) {
            return error(format!(
                "`{name}` has no type that can be named outside of the function: remove it from `schemars`"
            ));
        }
    }
    Ok(())
}

fn type_of<'f>(function: &'f Function, name: &Ident) -> Option<&'f Type> {
    function.signature.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) => match &*parameter.pat {
            Pat::Ident(of) if of.ident == *name => Some(&*parameter.ty),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}
