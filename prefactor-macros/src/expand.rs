//! From the model to tokens. The only file that writes Rust, with its parts in `expand/`.

mod body;
mod capture;
mod outcome;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{Error, Result, ReturnType, Token, Type, TypeInfer};

use self::body::Body;
use self::capture::Capture;
use crate::args::{Args, Boxed, Place};
use crate::check::check;
use crate::function::{Function, Returns};

/// The function with its span, or as it was written when the feature is off.
pub(crate) fn span(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args: Args = syn::parse2(args)?;
    let function: Function = syn::parse2(item.clone())?;
    check(&args, &function)?;
    if cfg!(feature = "enabled") { Ok(expand(&args, function)) } else { Ok(item) }
}

/// The error, and the function all the same: its callers must not be told that it does not exist.
pub(crate) fn fallback(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

pub(crate) fn expand(args: &Args, mut function: Function) -> TokenStream {
    let private = private(args);
    let outcome = outcome::outcome(&args.options, &private);
    let capture = capture::capture(&args.options, &function, &private);
    let braces = function.body.span();
    let Body { mentions, statements: body } = body::body(&mut function, &private);
    let parts = Parts { private, capture, mentions, body, outcome };
    let call =
        if function.is_async() { awaited(args, &function, &parts) } else { called(args, &function, &parts) };
    let Function { attributes, visibility, signature, inner_attributes, .. } = &function;
    // With the span of the user's braces: a function between braces of ours would not be reported as unused.
    let mut block = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #call));
    block.set_span(braces);
    quote! { #(#attributes)* #visibility #signature #block }
}

/// What both kinds of function are put together from.
struct Parts {
    private: TokenStream,
    capture: Capture,
    mentions: TokenStream,
    body: TokenStream,
    outcome: TokenStream,
}

/// An async function: its future runs in a span from the first poll on.
///
/// It is asked once whether anybody is there. Without a client the block is awaited as it is, and the answer rides
/// in the block, so that a client which comes a moment later finds no half-begun span.
fn awaited(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, capture, mentions, body, outcome } = parts;
    let site = site(args, capture, private);
    // Looked for before the block takes the arguments along.
    let (place, prepare) = match place(args, private) {
        Some(place) => (
            quote_spanned! {Span::mixed_site()=>
                let __prefactor_place = if __prefactor_is_recorded { #private::Some(#place) } else { #private::None };
            },
            quote_spanned!(Span::mixed_site()=> move || #private::prepare_in(#site, __prefactor_place)),
        ),
        None => (TokenStream::new(), quote_spanned!(Span::mixed_site()=> || #private::prepare(#site))),
    };
    let Capture { values, fields, .. } = capture;
    let arguments = match fields {
        Some(fields) => {
            quote_spanned!(Span::mixed_site()=> #private::arguments_and(#site, #values, #fields))
        }
        None => quote_spanned!(Span::mixed_site()=> #private::arguments(#site, #values)),
    };
    let returned = returned(function, private);
    let hint = hint(&returned, private);
    // Captured in the inner future: a borrow in the outer one would keep a second copy of the arguments. And in a
    // closure: the compiler makes less of a future's code before it hands it on.
    let block = quote_spanned! {Span::mixed_site()=>
        async move {
            #hint
            #mentions
            if __prefactor_is_recorded {
                #private::aside(|| {
                    use #private::Argues as _;
                    #arguments;
                });
            }
            #body
        }
    };
    let future = match &args.options.boxed {
        Some((boxed, Boxed::Send)) => {
            // A complaint that the future is not `Send` is about this word.
            let boxed = quote_spanned!(boxed.resolved_at(Span::mixed_site())=> boxed);
            quote_spanned!(Span::mixed_site()=> #private::#boxed(#block))
        }
        Some((_, Boxed::Local)) => quote_spanned!(Span::mixed_site()=> #private::boxed_local(#block)),
        None => block,
    };
    let items = args.options.items.is_some();
    let run = match function.returns() {
        Returns::OpaqueStream(item) => {
            let item = nameable_or_inferred(item);
            // The wrapped stream is another type than the stream, with a client or without.
            return quote_spanned! {Span::mixed_site()=>
                let __prefactor_is_recorded = #private::is_anybody_there();
                #place
                #private::run_async_stream::<#item, _, _, _, _>(
                    __prefactor_is_recorded, #prepare, #items, #future, #outcome,
                ).await
            };
        }
        Returns::Opaque => quote_spanned! {Span::mixed_site()=>
            #private::run_async_value(#prepare, __prefactor_future, #outcome)
        },
        _ => quote_spanned! {Span::mixed_site()=>
            (&&#private::Returns::<#returned>::TYPE)
                .__prefactor_run_async(#prepare, #items, __prefactor_future, #outcome)
        },
    };
    let run = quote_spanned! {Span::mixed_site()=>
        use #private::{AwaitsBoxed as _, ReturnsValue as _};
        let __prefactor_is_recorded = #private::is_anybody_there();
        #place
        let __prefactor_future = #future;
        if __prefactor_is_recorded { #run.await } else { __prefactor_future.await }
    };
    match_never(function, run)
}

/// Another function: its span lasts as long as the call, or as the future or stream that it returns.
fn called(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, capture, mentions, body, outcome } = parts;
    let site = site(args, capture, private);
    let Capture { values, fields, .. } = capture;
    let call = match (place(args, private), fields) {
        (None, None) => quote_spanned!(Span::mixed_site()=> #private::call(#site, #values)),
        (Some(place), None) => {
            quote_spanned!(Span::mixed_site()=> #private::call_in(#site, #place, #values))
        }
        (place, Some(fields)) => {
            let place = match place {
                Some(place) => quote_spanned!(Span::mixed_site()=> #private::Some(#place)),
                None => quote_spanned!(Span::mixed_site()=> #private::None),
            };
            quote_spanned!(Span::mixed_site()=> #private::call_and(#site, #place, #values, #fields))
        }
    };
    // Asked here, so that without a client not even the references to the arguments are made.
    let call = quote_spanned! {Span::mixed_site()=>
        if #private::is_anybody_there() {
            use #private::Argues as _;
            #call
        } else {
            #private::Call::NOTHING
        }
    };
    let returned = returned(function, private);
    let items = args.options.items.is_some();
    if function.is_inline() {
        return quote_spanned! {Span::mixed_site()=>
            let __prefactor_guard = { #call }.enter();
            #body
        };
    }
    let closure = quote_spanned!(Span::mixed_site()=> move || -> #returned { #mentions #body });
    let run = match function.returns() {
        Returns::OpaqueFuture(output) => {
            let output = nameable_or_inferred(output);
            quote_spanned! {Span::mixed_site()=>
                #private::run_future::<#output, _, _, _, _>(__prefactor_call, #closure, #outcome)
            }
        }
        Returns::OpaqueStream(item) => {
            let item = nameable_or_inferred(item);
            quote_spanned! {Span::mixed_site()=>
                #private::run_stream::<#item, _, _, _, _>(__prefactor_call, #items, #closure, #outcome)
            }
        }
        _ if function.is_track_caller() => quote_spanned! {Span::mixed_site()=>
            let __prefactor_guard = __prefactor_call.enter();
            let __prefactor_value: #returned = { #body };
            __prefactor_guard.end(__prefactor_value, #outcome)
        },
        Returns::Opaque => {
            quote_spanned!(Span::mixed_site()=> #private::run_value(__prefactor_call, #closure, #outcome))
        }
        Returns::Named | Returns::Never => quote_spanned! {Span::mixed_site()=>
            use #private::{ReturnsBoxed as _, ReturnsValue as _};
            (&&#private::Returns::<#returned>::TYPE).__prefactor_run(__prefactor_call, #items, #closure, #outcome)
        },
    };
    let run = match_never(function, run);
    quote_spanned!(Span::mixed_site()=> let __prefactor_call = #call; #run)
}

/// The path of what generated code may name.
fn private(args: &Args) -> TokenStream {
    let default = || quote_spanned!(Span::mixed_site()=> ::prefactor);
    let path = args.options.crate_path.as_ref().map_or_else(default, ToTokens::to_token_stream);
    quote_spanned!(Span::mixed_site()=> #path::__private)
}

fn site(args: &Args, capture: &Capture, private: &TokenStream) -> TokenStream {
    let (schema_name, names) = (&args.schema_name, &capture.names);
    quote_spanned! {Span::mixed_site()=>
        &#private::Callsite { schema_name: #schema_name, arguments: &[#names] }
    }
}

fn place(args: &Args, private: &TokenStream) -> Option<TokenStream> {
    let (_, place) = args.options.place.as_ref()?;
    Some(match place {
        Place::Parent(parent) => quote_spanned!(Span::mixed_site()=> #private::under(#parent)),
        Place::Instance(instance) => quote_spanned!(Span::mixed_site()=> #private::in_instance(#instance)),
        Place::Client(client) => quote_spanned!(Span::mixed_site()=> #private::in_client(#client)),
        Place::Root => quote_spanned!(Span::mixed_site()=> #private::under_root()),
    })
}

/// The return type, as far as it can be named in a body.
fn returned(function: &Function, private: &TokenStream) -> TokenStream {
    match &function.signature.output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> ()),
        ReturnType::Type(_, _) if matches!(function.returns(), Returns::Never) => {
            quote_spanned!(Span::mixed_site()=> #private::Infallible)
        }
        ReturnType::Type(_, returned) => nameable(Type::clone(returned)).into_token_stream(),
    }
}

fn nameable(mut returned: Type) -> Type {
    OpaqueToInferred.visit_type_mut(&mut returned);
    returned
}

fn nameable_or_inferred(spelt: Option<Type>) -> TokenStream {
    let inferred = || quote_spanned!(Span::mixed_site()=> _);
    spelt.map_or_else(inferred, |spelt| nameable(spelt).into_token_stream())
}

/// `impl Trait` cannot be named in a body; the compiler knows better.
struct OpaqueToInferred;

impl VisitMut for OpaqueToInferred {
    fn visit_type_mut(&mut self, node: &mut Type) {
        if let Type::ImplTrait(opaque) = node {
            let underscore_token = Token![_](opaque.impl_token.span);
            *node = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        } else {
            visit_type_mut(self, node);
        }
    }
}

/// A return that is never taken tells the async block its type, so that coercions, `?` and early returns work
/// in it as they do in the function. No lint takes it for dead code.
fn hint(returned: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        if let #private::Some(__prefactor_never) = #private::None::<#returned> {
            return __prefactor_never;
        }
    }
}

/// `!` is no type that a program may name yet: the body's is coerced to one without values, and here back.
fn match_never(function: &Function, run: TokenStream) -> TokenStream {
    if !matches!(function.returns(), Returns::Never) {
        return run;
    }
    quote_spanned!(Span::mixed_site()=> match { #run } {})
}
