//! The expression that finishes the span with the returned value.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{Expr, ReturnType, Token, Type, TypeInfer};

use super::capture::named;
use super::place::at_place;
use crate::args::{ItemsMode, Options, RecordMode};
use crate::function::{Function, Leaf, Returns};

/// The way to finish the span with the returned value.
pub(crate) enum Finish {
    /// A value, built from the declared return type.
    ByType(TokenStream),
    /// A closure, which the runtime calls with the type of the returned value.
    ByValue(TokenStream),
}

pub(crate) fn finish(options: &Options, function: &Function, private: &TokenStream) -> Finish {
    let by_value = |mode: TokenStream| {
        let finish = if has_options(options) {
            let start = quote_spanned! {Span::mixed_site()=>
                #private::returning_in::<#mode, _>(__prefactor_returns)
            };
            with_options(options, &start, private)
        } else {
            quote_spanned!(Span::mixed_site()=> #private::returning!(#mode, __prefactor_returns))
        };
        Finish::ByValue(quote_spanned!(Span::mixed_site()=> |__prefactor_returns| #finish))
    };
    match function.returns() {
        Returns::Opaque(leaf) => by_value(mode(leaf.as_deref(), private)),
        Returns::Named | Returns::Never => {
            let returned = return_type(function, private);
            Finish::ByType(if has_options(options) {
                let start = quote_spanned!(Span::mixed_site()=> #private::returning::<#returned>());
                with_options(options, &start, private)
            } else {
                quote_spanned!(Span::mixed_site()=> #private::returning!(#returned))
            })
        }
    }
}

/// The return type, as far as a body can name it.
pub(crate) fn return_type(function: &Function, private: &TokenStream) -> TokenStream {
    match &function.signature.output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> ()),
        ReturnType::Type(_, _) if matches!(function.returns(), Returns::Never) => {
            quote_spanned!(Span::mixed_site()=> #private::Infallible)
        }
        ReturnType::Type(_, returned) => erase_impl_trait(Type::clone(returned)).into_token_stream(),
    }
}

/// A body cannot name `impl Trait`: the compiler infers it.
fn erase_impl_trait(mut of: Type) -> Type {
    struct ImplTraitEraser;

    impl VisitMut for ImplTraitEraser {
        fn visit_type_mut(&mut self, node: &mut Type) {
            if let Type::ImplTrait(opaque) = node {
                let underscore_token = Token![_](opaque.impl_token.span);
                *node = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
            } else {
                visit_type_mut(self, node);
            }
        }
    }

    ImplTraitEraser.visit_type_mut(&mut of);
    of
}

/// The declared return type, as a type.
fn mode(declared: Option<&Leaf>, private: &TokenStream) -> TokenStream {
    match declared {
        None => quote_spanned!(Span::mixed_site()=> #private::Named),
        Some(declared) => {
            let leaf = leaf(declared, private);
            quote_spanned!(Span::mixed_site()=> #private::Opaque<#leaf, _>)
        }
    }
}

fn leaf(declared: &Leaf, private: &TokenStream) -> TokenStream {
    let spelt = |of: &Option<Type>| match of {
        Some(of) => erase_impl_trait(of.clone()).into_token_stream(),
        None => quote_spanned!(Span::mixed_site()=> _),
    };
    match declared {
        Leaf::Future(output, within) => {
            let (output, mode) = (spelt(output), mode(within.as_deref(), private));
            quote_spanned!(Span::mixed_site()=> #private::FutureLeaf<#output, #mode>)
        }
        Leaf::Stream(item) => {
            let item = spelt(item);
            quote_spanned!(Span::mixed_site()=> #private::StreamLeaf<#item>)
        }
        Leaf::Box(within) => {
            let within = leaf(within, private);
            quote_spanned!(Span::mixed_site()=> #private::BoxLeaf<#within>)
        }
        Leaf::PinBox(within) => {
            let within = leaf(within, private);
            quote_spanned!(Span::mixed_site()=> #private::PinBoxLeaf<#within>)
        }
        Leaf::Within(within) => {
            let within = leaf(within, private);
            quote_spanned!(Span::mixed_site()=> #private::WithinLeaf<#within>)
        }
    }
}

fn has_options(options: &Options) -> bool {
    options.looks_at_value() || options.looks_at_items().is_some()
}

/// The outcome is read by the closure of `ret`, `err` and `fail_when` first, and by type in the value within. The closures of
/// `stream` and `ret(items)` go along.
fn with_options(options: &Options, start: &TokenStream, private: &TokenStream) -> TokenStream {
    let (outcome, first) = if options.looks_at_value() {
        let read = read_by(options, private);
        (
            quote_spanned!(Span::mixed_site()=> __prefactor_first.__prefactor_read_by(#read)),
            quote_spanned!(Span::mixed_site()=> __prefactor_asked),
        )
    } else {
        (
            quote_spanned!(Span::mixed_site()=> #private::NoOptions),
            quote_spanned!(Span::mixed_site()=> __prefactor_outcome),
        )
    };
    let stream = if let Some(at) = options.looks_at_items() {
        stream(at, options, private)
    } else {
        quote_spanned!(Span::mixed_site()=> #private::NoOptions)
    };
    quote_spanned! {Span::mixed_site()=>
        {
            let __prefactor_first = #start.__prefactor_layer();
            let __prefactor_rest = __prefactor_first
                .#first()
                .__prefactor_layer()
                .__prefactor_outcome()
                .__prefactor_layer()
                .__prefactor_outcome();
            #private::with_options(
                __prefactor_rest.__prefactor_finish(),
                #private::Options { outcome: #outcome, stream: #stream },
            )
        }
    }
}

fn read_by(options: &Options, private: &TokenStream) -> TokenStream {
    // The compiler reports a missing `Result` at the option.
    let require_result = match &options.err {
        Some((err, RecordMode::Required)) => {
            let returned = quote_spanned!(err.resolved_at(Span::mixed_site())=> __prefactor_returned);
            Some(quote_spanned!(Span::mixed_site()=> #private::require_result(#returned);))
        }
        _ => None,
    };
    let value = quote_spanned!(Span::mixed_site()=> __prefactor_value);
    let captured = recorded(options.ret.as_ref(), &value, private);
    let failure = failure(options.err.as_ref().map(|(_, mode)| mode), private);
    let fail_when = options.fail_when.as_ref().map(|fails| {
        let value = quote_spanned!(Span::mixed_site()=> __prefactor_returned);
        let captured = recorded(options.ret.as_ref(), &value, private);
        quote_spanned! {Span::mixed_site()=>
            if let #private::Some(__prefactor_outcome) =
                #private::fail_when(__prefactor_returned, #fails, || #captured)
            {
                return __prefactor_outcome;
            }
        }
    });
    if let Some((_, path)) = &options.usage {
        return quote_spanned! {Span::mixed_site()=>
            |__prefactor_returned, __prefactor_wanted| {
                #private::with_usage(
                    match #private::sides(__prefactor_returned).__prefactor_split(__prefactor_returned) {
                        #private::Ok(__prefactor_value) if __prefactor_wanted => {
                            #private::Some(#path(__prefactor_value))
                        }
                        _ => #private::None,
                    },
                    || {
                        #require_result
                        #fail_when
                        match #private::sides(__prefactor_returned).__prefactor_split(__prefactor_returned) {
                            #private::Ok(__prefactor_value) if __prefactor_wanted => {
                                #private::Outcome::Complete(#captured)
                            }
                            #private::Ok(_) => #private::Outcome::Complete(#private::None),
                            #private::Err(__prefactor_error) => {
                                #private::failed_as(__prefactor_error, |__prefactor_error| #failure)
                            }
                        }
                    },
                )
            }
        };
    }
    quote_spanned! {Span::mixed_site()=>
        |__prefactor_returned, __prefactor_wanted| {
            #require_result
            #fail_when
            match #private::sides(__prefactor_returned).__prefactor_split(__prefactor_returned) {
                #private::Ok(__prefactor_value) if __prefactor_wanted => #private::Outcome::Complete(#captured),
                #private::Ok(_) => #private::Outcome::Complete(#private::None),
                #private::Err(__prefactor_error) => #private::failed_as(__prefactor_error, |__prefactor_error| #failure),
            }
        }
    }
}

fn recorded(ret: Option<&(Span, RecordMode)>, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match ret {
        Some((_, RecordMode::Skip)) => quote_spanned!(Span::mixed_site()=> #private::None),
        Some((_, RecordMode::Debug)) => {
            quote_spanned!(Span::mixed_site()=> #private::Some(#private::debug(#value)))
        }
        Some((_, RecordMode::With(path))) => {
            let value = quote_spanned!(Span::mixed_site()=> &#path(#value));
            named(path.span(), &value, private)
        }
        Some((ret, RecordMode::Required)) => named(*ret, value, private),
        None => {
            quote_spanned!(Span::mixed_site()=> #private::value(#value).__prefactor_strategies().__prefactor_captured())
        }
    }
}

fn failure(err: Option<&RecordMode>, private: &TokenStream) -> TokenStream {
    let error = quote_spanned!(Span::mixed_site()=> __prefactor_error);
    match err {
        Some(RecordMode::Skip) => quote_spanned!(Span::mixed_site()=> #private::failure_skipped(#error)),
        Some(RecordMode::Debug) => quote_spanned!(Span::mixed_site()=> #private::failure_debug(#error)),
        Some(RecordMode::With(path)) => {
            quote_spanned!(Span::mixed_site()=> #private::failure_with(#error, #path(#error)))
        }
        Some(RecordMode::Required) | None => {
            quote_spanned!(Span::mixed_site()=> #private::error(#error).__prefactor_failure(#error))
        }
    }
}

fn stream(at: Span, options: &Options, private: &TokenStream) -> TokenStream {
    let rules = options.stream.as_ref();
    let rule = |rule: Option<&Expr>, default: &TokenStream| match rule {
        Some(rule) => rule.to_token_stream(),
        None => quote_spanned!(Span::mixed_site()=> |_| #default),
    };
    let (no, yes) = (quote_spanned!(Span::mixed_site()=> false), quote_spanned!(Span::mixed_site()=> true));
    let has_end = rules.is_some_and(|rules| rules.end.is_some());
    let end = rule(rules.and_then(|rules| rules.end.as_ref()), &no);
    let fail = rule(rules.and_then(|rules| rules.fail.as_ref()), &no);
    let first = rule(rules.and_then(|rules| rules.first.as_ref()), &yes);
    let restart = rule(rules.and_then(|rules| rules.restart.as_ref()), &no);
    let record = match &options.items {
        None => quote_spanned!(Span::mixed_site()=> no_record()),
        Some((_, ItemsMode::List)) => quote_spanned! {Span::mixed_site()=>
            list(|__prefactor_item| match #private::sides(__prefactor_item).__prefactor_split(__prefactor_item) {
                #private::Ok(__prefactor_value) => #private::value(__prefactor_value).__prefactor_strategies().__prefactor_captured(),
                #private::Err(_) => #private::None,
            })
        },
        Some((_, ItemsMode::Fold(path))) => {
            quote_spanned!(Span::mixed_site()=> fold(|__prefactor_folded, __prefactor_step| #path(__prefactor_folded, __prefactor_step)))
        }
    };
    // At one place, the compiler reports once that there is no stream.
    let items = at_place(at, quote_spanned!(Span::mixed_site()=> #private::items(&__prefactor_rest)));
    let rules = match rules.and_then(|rules| rules.reader.as_ref()) {
        Some(reader) => quote_spanned! {Span::mixed_site()=>
            reader::<#reader, _>(__prefactor_items.#record)
        },
        None => quote_spanned! {Span::mixed_site()=>
            rules(#has_end, #end, #fail, #first, #restart, __prefactor_items.#record)
        },
    };
    quote_spanned! {Span::mixed_site()=>
        {
            let __prefactor_items = #items;
            __prefactor_items.#rules
        }
    }
}
