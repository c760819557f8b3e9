//! Generates the expansion: the only code that writes Rust, with its parts in `expand/`.
//!
//! A function takes one of eight shapes. Their common part, the call that begins and its arguments, is written once. Each
//! calls one function of the runtime, and is needed for a case that the others cannot handle:
//!
//! | shape | calls | needed for |
//! |---|---|---|
//! | async | `run_async` | a future that is polled in its span |
//! | async, opaque | `run_async_by_value` | the same, where no body can name the output: `impl Trait` |
//! | sync | `run` | a closure that is called in the span, and the future or stream that it may return |
//! | sync, opaque | `run_by_value` | the same, where no body can name the returned type |
//! | sync, never | `run_never` | `-> !`, which no closure can return yet |
//! | guarded | `finish` | `#[track_caller]`: a closure would hide the caller's place |
//! | guarded, opaque | `finish_by_value` | the same, where no body can name the returned type |
//! | guard alone | `CallGuard` | values that are not read: a returned closure, a future or stream under `#[track_caller]` |
//!
//! With `client =` the question whether there is a client is `has_client`, else `is_enabled`; with a parent the call begins with
//! `begin_call_in`, else with `begin_call`.

mod body;
mod capture;
mod finish;
mod lints;
mod place;
mod schema;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Error, Result};

use self::body::Body;
use self::capture::Captures;
use self::finish::{Finish, return_type};
use self::schema::Features;
use crate::args::{Args, Boxed, ParentOption};
use crate::check::check;
use crate::function::{Function, Returns};

/// The function with its span. Without the feature `enabled`, the function as it was written.
pub(crate) fn span(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args: Args = syn::parse2(args)?;
    let function: Function = syn::parse2(item.clone())?;
    check(&args, &function)?;
    let features = Features { schemas: cfg!(feature = "schemas"), schemars: cfg!(feature = "schemars") };
    if cfg!(feature = "enabled") { Ok(expand(&args, function, &item, features)) } else { Ok(item) }
}

/// The error, and the function as it was written: its callers must not be told that it does not exist.
pub(crate) fn fallback(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

pub(crate) fn expand(
    args: &Args,
    mut function: Function,
    item: &TokenStream,
    features: Features,
) -> TokenStream {
    let private = private(args);
    let schema_name = schema_name(args, &function, &private);
    let contribution =
        features.schemas.then(|| schema::contribution(args, &function, &schema_name, &private, features));
    let captures = capture::capture(&args.options, &function, &private);
    let finish = finish::finish(&args.options, &function, &private);
    let braces = function.body.span();
    let body = body::body(&mut function, &private);
    let parts = Parts { private, captures, finish, body };
    let statements = if function.is_async() {
        expand_async(args, &function, &parts)
    } else if function.needs_guard() || function.is_track_caller() {
        expand_guarded(args, &function, &parts)
    } else {
        expand_sync(args, &function, &parts)
    };
    lints::allow_unseen(&mut function.attributes);
    let Function { attributes, visibility, signature, inner_attributes, .. } = &function;
    // The block has the span of the user's braces, because rustc reports no unused function between generated braces.
    let mut block = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #contribution #statements));
    block.set_span(braces);
    lints::for_clippy(quote! { #(#attributes)* #visibility #signature #block }, item)
}

/// The parts of all shapes.
struct Parts {
    private: TokenStream,
    captures: Captures,
    finish: Finish,
    body: Body,
}

/// An async function. Its future runs in a span from the first poll on.
///
/// The body begins the call as its first statement: a borrow of the arguments outside of the async block would keep a second
/// copy of them. It is awaited in one place, so that it is compiled once.
fn expand_async(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, captures, finish, body: Body { uses, rebound, block } } = parts;
    let parent = parent(args, private).map(|parent| {
        quote_spanned! {Span::mixed_site()=>
            let __prefactor_parent = if __prefactor_is_recorded { #private::Some(#parent) } else { #private::None };
        }
    });
    let begin = begin(args, function, captures, private);
    let begin = match &parent {
        None => quote_spanned!(Span::mixed_site()=> if __prefactor_is_recorded { #begin }),
        Some(_) => quote_spanned! {Span::mixed_site()=>
            if let #private::Some(__prefactor_parent) = __prefactor_parent { #begin }
        },
    };
    let returned = return_type(function, private);
    let hint = return_type_hint(&returned, private);
    let block = quote_spanned!(Span::mixed_site()=> async move { #hint #uses #begin #rebound #block });
    let future = match &args.options.boxed {
        Some((boxed, Boxed::Send)) => {
            // The compiler reports a future that is not `Send` at this word.
            let boxed = quote_spanned!(boxed.resolved_at(Span::mixed_site())=> boxed);
            quote_spanned!(Span::mixed_site()=> #private::#boxed(#block))
        }
        Some((_, Boxed::Local)) => quote_spanned!(Span::mixed_site()=> #private::boxed_local(#block)),
        None => block,
    };
    let run = match finish {
        Finish::ByType(finish) => {
            quote_spanned!(Span::mixed_site()=> #private::run_async(__prefactor_is_recorded, || #finish, #future))
        }
        Finish::ByValue(finish) => quote_spanned! {Span::mixed_site()=>
            #private::run_async_by_value(__prefactor_is_recorded, #future, #finish)
        },
    };
    let is_enabled = is_enabled(args, private);
    let run = quote_spanned! {Span::mixed_site()=>
        let __prefactor_is_recorded = #is_enabled;
        #parent
        #run.await
    };
    // Stable Rust cannot name the type `!`, so the future's output is a type without values.
    if matches!(function.returns(), Returns::Never) {
        quote_spanned!(Span::mixed_site()=> match { #run } {})
    } else {
        lints::allow_future_as_value(&function.signature.output, run)
    }
}

/// A function that is not async. Its span lasts as long as the call, or as the future or stream that it returns.
fn expand_sync(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, finish, body: Body { uses, rebound, block }, .. } = parts;
    let start = start(args, function, parts);
    let returned = return_type(function, private);
    let closure = quote_spanned!(Span::mixed_site()=> move || -> #returned { #uses #rebound #block });
    match finish {
        Finish::ByType(finish) if matches!(function.returns(), Returns::Never) => {
            quote_spanned! {Span::mixed_site()=>
                #start
                #private::run_never(__prefactor_is_recorded, #finish, #closure)
            }
        }
        Finish::ByType(finish) => quote_spanned! {Span::mixed_site()=>
            #start
            #private::run(__prefactor_is_recorded, #finish, #closure)
        },
        Finish::ByValue(finish) => quote_spanned! {Span::mixed_site()=>
            #start
            #private::run_by_value(__prefactor_is_recorded, #closure, #finish)
        },
    }
}

/// A function whose body must not move into a closure. A value that leaves the body early is not read.
fn expand_guarded(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, finish, body: Body { rebound, block, .. }, .. } = parts;
    let start = start(args, function, parts);
    let guard = quote_spanned! {Span::mixed_site()=>
        #start
        let __prefactor_guard = #private::CallGuard::new(__prefactor_is_recorded);
    };
    if function.needs_guard() {
        return quote_spanned!(Span::mixed_site()=> #guard #rebound #block);
    }
    let returned = return_type(function, private);
    let method = match finish {
        Finish::ByType(_) => quote_spanned!(Span::mixed_site()=> finish),
        Finish::ByValue(_) => quote_spanned!(Span::mixed_site()=> finish_by_value),
    };
    let (Finish::ByType(finish) | Finish::ByValue(finish)) = finish;
    quote_spanned! {Span::mixed_site()=>
        #guard
        let __prefactor_value: #returned = { #rebound #block };
        __prefactor_guard.#method(__prefactor_value, #finish)
    }
}

/// Starts the span of a function that is not async.
fn start(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let private = &parts.private;
    let parent = parent(args, private)
        .map(|parent| quote_spanned!(Span::mixed_site()=> let __prefactor_parent = #parent;));
    let begin = begin(args, function, &parts.captures, private);
    let is_enabled = is_enabled(args, private);
    quote_spanned! {Span::mixed_site()=>
        let __prefactor_is_recorded = #is_enabled;
        if __prefactor_is_recorded { #parent #begin }
    }
}

/// Asks whether a span could be recorded. A client that the attribute names may have no run yet.
fn is_enabled(args: &Args, private: &TokenStream) -> TokenStream {
    match &args.options.parent {
        Some(ParentOption::Client(_)) => quote_spanned!(Span::mixed_site()=> #private::has_client()),
        _ => quote_spanned!(Span::mixed_site()=> #private::is_enabled()),
    }
}

/// Begins the call, captures its arguments and starts the span.
fn begin(args: &Args, function: &Function, captures: &Captures, private: &TokenStream) -> TokenStream {
    let Captures { names, puts } = captures;
    let schema_name = schema_name(args, function, private);
    let names = quote_spanned!(Span::mixed_site()=> &[#schema_name, #names]);
    let begin = if args.options.parent.is_some() {
        quote_spanned!(Span::mixed_site()=> #private::begin_call_in(#names, __prefactor_parent);)
    } else {
        quote_spanned!(Span::mixed_site()=> #private::begin_call(#names);)
    };
    quote_spanned!(Span::mixed_site()=> #begin #puts #private::start_span();)
}

fn schema_name(args: &Args, function: &Function, private: &TokenStream) -> TokenStream {
    match &args.schema_name {
        Some(name) => name.to_token_stream(),
        None => {
            let name = format!("::{}", function.signature.ident.unraw());
            quote_spanned!(Span::mixed_site()=> #private::concat!(#private::module_path!(), #name))
        }
    }
}

/// The path of the module that generated code names.
fn private(args: &Args) -> TokenStream {
    let default = || quote_spanned!(Span::mixed_site()=> ::prefactor);
    let path = args.options.crate_path.as_ref().map_or_else(default, ToTokens::to_token_stream);
    quote_spanned!(Span::mixed_site()=> #path::__private)
}

fn parent(args: &Args, private: &TokenStream) -> Option<TokenStream> {
    Some(match args.options.parent.as_ref()? {
        ParentOption::Parent(parent) => {
            let at = syn::spanned::Spanned::span(parent).resolved_at(Span::mixed_site());
            let borrowed = quote_spanned!(at=> &(#parent));
            quote_spanned!(Span::mixed_site()=> #private::child_of(#borrowed))
        }
        ParentOption::Instance(instance) => {
            quote_spanned!(Span::mixed_site()=> #private::in_instance(#instance))
        }
        ParentOption::Client(client) => quote_spanned!(Span::mixed_site()=> #private::in_client(#client)),
        ParentOption::Root => quote_spanned!(Span::mixed_site()=> #private::at_root()),
    })
}

/// A return that is never taken tells the async block its type. Coercions, `?` and early returns then work in it as in the
/// function. No lint takes it for dead code.
fn return_type_hint(returned: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        if false {
            return #private::never::<#returned>();
        }
    }
}
