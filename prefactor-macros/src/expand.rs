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
use self::capture::Arguments;
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
    let arguments = capture::capture(&args.options, &function, &private);
    let braces = function.body.span();
    let Body { mentions, statements: body } = body::body(&mut function, &private);
    let parts = Parts { private, arguments, mentions, body, outcome };
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
    arguments: Arguments,
    mentions: TokenStream,
    body: TokenStream,
    /// Where an option asks for more than the type does.
    outcome: Option<TokenStream>,
}

/// An async function: its future runs in a span from the first poll on.
///
/// It is asked once whether anybody is there. The answer rides in the body, which begins the call as its first
/// statement: a borrow of the arguments outside of it would keep a second copy of them. The body is awaited in one place,
/// so that it is compiled once.
fn awaited(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, arguments, mentions, body, outcome } = parts;
    // Looked for before the block takes the arguments along.
    let place = place(args, private).map(|place| {
        quote_spanned! {Span::mixed_site()=>
            let __prefactor_place = if __prefactor_is_recorded { #private::Some(#place) } else { #private::None };
        }
    });
    let begin = begin(args, arguments, private, place.is_some());
    let begin = match &place {
        None => {
            quote_spanned!(Span::mixed_site()=> if __prefactor_is_recorded { #begin #private::start(); })
        }
        Some(_) => quote_spanned! {Span::mixed_site()=>
            if let #private::Some(__prefactor_place) = __prefactor_place { #begin #private::start(); }
        },
    };
    let returned = returned(function, private);
    let hint = hint(&returned, private);
    let block = quote_spanned!(Span::mixed_site()=> async move { #hint #mentions #begin #body });
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
    let by_type = by_type(private);
    let outcome_or_type = outcome.as_ref().unwrap_or(&by_type);
    let end = match (function.returns(), outcome) {
        (Returns::OpaqueStream(_) | Returns::Opaque, _) => None,
        (_, None) if !items => Some(quote_spanned! {Span::mixed_site()=>
            #private::ways::<#returned>().__prefactor_end()
        }),
        _ => Some(quote_spanned! {Span::mixed_site()=>
            {
                use #private::{AwaitsBoxed as _, ReturnsValue as _};
                (&&#private::Returns::<#returned>::TYPE).__prefactor_end_by(#items, #outcome_or_type)
            }
        }),
    };
    let instrumented = match (function.returns(), end) {
        (_, Some(end)) => quote_spanned! {Span::mixed_site()=>
            #private::Instrumented {
                future: #future,
                span: #private::OpenSpan::new(__prefactor_is_recorded),
                end: #end,
            }
        },
        (Returns::OpaqueStream(item), _) => {
            let item = nameable_or_inferred(item);
            quote_spanned! {Span::mixed_site()=>
                #private::await_stream::<#item, _, _, _, _>(#future, __prefactor_is_recorded, #items, #outcome_or_type)
            }
        }
        _ => quote_spanned! {Span::mixed_site()=>
            #private::await_value(#future, __prefactor_is_recorded, #outcome_or_type)
        },
    };
    let run = quote_spanned! {Span::mixed_site()=>
        let __prefactor_is_recorded = #private::is_anybody_there();
        #place
        #instrumented.await
    };
    // `!` is no type that a program may name yet: the body's is coerced to one without values, and here back.
    if matches!(function.returns(), Returns::Never) {
        quote_spanned!(Span::mixed_site()=> match { #run } {})
    } else {
        run
    }
}

/// Another function: its span lasts as long as the call, or as the future or stream that it returns.
fn called(args: &Args, function: &Function, parts: &Parts) -> TokenStream {
    let Parts { private, arguments, mentions, body, outcome } = parts;
    let place = place(args, private);
    let begin = begin(args, arguments, private, place.is_some());
    let place = place.map(|place| quote_spanned!(Span::mixed_site()=> let __prefactor_place = #place;));
    // The call that has begun, and is taken along.
    let taken = quote_spanned! {Span::mixed_site()=>
        if #private::is_anybody_there() { #place #begin #private::take() } else { #private::Call::NOTHING }
    };
    if function.is_inline() {
        return quote_spanned! {Span::mixed_site()=>
            let __prefactor_guard = { #taken }.enter();
            #body
        };
    }
    let returned = returned(function, private);
    let items = args.options.items.is_some();
    let closure = quote_spanned!(Span::mixed_site()=> move || -> #returned { #mentions #body });
    let by_type = by_type(private);
    let captured = quote_spanned! {Span::mixed_site()=>
        let __prefactor_is_recorded = #private::is_anybody_there();
        if __prefactor_is_recorded { #place #begin }
    };
    match (function.returns(), outcome) {
        (Returns::OpaqueFuture(output), outcome) => {
            let (output, outcome) = (nameable_or_inferred(output), outcome.as_ref().unwrap_or(&by_type));
            quote_spanned! {Span::mixed_site()=>
                let __prefactor_call = #taken;
                #private::run_future::<#output, _, _, _, _>(__prefactor_call, #closure, #outcome)
            }
        }
        (Returns::OpaqueStream(item), outcome) => {
            let (item, outcome) = (nameable_or_inferred(item), outcome.as_ref().unwrap_or(&by_type));
            quote_spanned! {Span::mixed_site()=>
                let __prefactor_call = #taken;
                #private::run_stream::<#item, _, _, _, _>(__prefactor_call, #items, #closure, #outcome)
            }
        }
        (_, outcome) if function.is_track_caller() => {
            let outcome = outcome.as_ref().unwrap_or(&by_type);
            quote_spanned! {Span::mixed_site()=>
                let __prefactor_guard = { #taken }.enter();
                let __prefactor_value: #returned = { #body };
                __prefactor_guard.end(__prefactor_value, #outcome)
            }
        }
        (Returns::Opaque, outcome) => {
            let outcome = outcome.as_ref().unwrap_or(&by_type);
            quote_spanned! {Span::mixed_site()=>
                #captured
                #private::run_value(__prefactor_is_recorded, #closure, #outcome)
            }
        }
        (Returns::Never, outcome) => {
            let outcome = outcome.as_ref().unwrap_or(&by_type);
            quote_spanned! {Span::mixed_site()=>
                #captured
                #private::run_never(__prefactor_is_recorded, #closure, #outcome)
            }
        }
        (Returns::Named, None) if !items => quote_spanned! {Span::mixed_site()=>
            #captured
            let __prefactor_way = #private::ways::<#returned>();
            let __prefactor_running = __prefactor_way.__prefactor_start(__prefactor_is_recorded);
            __prefactor_way.__prefactor_finish(__prefactor_running, #closure)
        },
        (Returns::Named, outcome) => {
            let outcome = outcome.as_ref().unwrap_or(&by_type);
            quote_spanned! {Span::mixed_site()=>
                use #private::{ReturnsBoxed as _, ReturnsValue as _};
                #captured
                (&&#private::Returns::<#returned>::TYPE)
                    .__prefactor_run_by(__prefactor_is_recorded, #items, #closure, #outcome)
            }
        }
    }
}

/// Begins the call and puts its arguments.
fn begin(args: &Args, arguments: &Arguments, private: &TokenStream, is_placed: bool) -> TokenStream {
    let (schema_name, Arguments { names, puts }) = (&args.schema_name, arguments);
    let site = quote_spanned! {Span::mixed_site()=>
        &#private::Callsite { schema_name: #schema_name, arguments: &[#names] }
    };
    if is_placed {
        quote_spanned!(Span::mixed_site()=> #private::begin_in(#site, __prefactor_place); #puts)
    } else {
        quote_spanned!(Span::mixed_site()=> #private::begin(#site); #puts)
    }
}

/// The outcome by the type alone, where that is not known before the body.
fn by_type(private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> |__prefactor_returns| #private::ways_of(__prefactor_returns).__prefactor_ends())
}

/// The path of what generated code may name.
fn private(args: &Args) -> TokenStream {
    let default = || quote_spanned!(Span::mixed_site()=> ::prefactor);
    let path = args.options.crate_path.as_ref().map_or_else(default, ToTokens::to_token_stream);
    quote_spanned!(Span::mixed_site()=> #path::__private)
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
