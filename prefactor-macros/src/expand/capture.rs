//! The statements that capture the arguments, one by one, and the members that `fields` adds.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned as _;

use crate::args::{CaptureMode, Field, Options};
use crate::function::{Argument, Function, Kind};
use crate::recorded::{is_captured, payload_key};

/// The captured arguments of a call.
pub(crate) struct Captures {
    /// The payload keys, in order: a constant.
    pub(crate) names: TokenStream,
    /// One statement for each.
    pub(crate) puts: TokenStream,
}

pub(crate) fn capture(options: &Options, function: &Function, private: &TokenStream) -> Captures {
    let mut names = Vec::new();
    let mut puts = Vec::new();
    if let Some(name) = &options.name {
        names.push(quote_spanned!(Span::mixed_site()=> "name"));
        let name = LitStr::new(&display_name(&name.value()), name.span());
        puts.push(put(
            &CaptureMode::Best,
            name.span(),
            (&quote_spanned!(Span::mixed_site()=> &#name), Kind::Primitive),
            private,
        ));
    }
    let arguments = function.arguments();
    for captured in arguments.iter().filter(|argument| is_captured(options, argument)) {
        let Argument { binding, kind, conditions } = captured;
        let name = payload_key(options, captured);
        let value = quote_spanned!(Span::mixed_site()=> &#binding);
        let renamed = options.renamed.iter().find(|(argument, _)| argument == binding);
        let put = match options.capture_modes.iter().find(|(argument, _)| argument == binding) {
            Some((argument, mode)) => put(mode, argument.span(), (&value, *kind), private),
            None => put_best(renamed.map(|(argument, _)| argument.span()), (&value, *kind), private),
        };
        names.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #name));
        puts.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #put));
    }
    for Field { key, mode, value } in &options.fields {
        names.push(quote_spanned!(Span::mixed_site()=> #key));
        let at = value.span();
        let value = quote_spanned!(Span::mixed_site()=> &(#value));
        puts.push(computed(&captured(mode, at, &value, private), private));
    }
    Captures { names: quote!(#(#names),*), puts: quote!(#(#puts)*) }
}

/// A name for people, cleaned and bounded as the runtime does it with names of agents.
fn display_name(name: &str) -> String {
    const MAX: usize = 256;
    let clean = |character: char| match character {
        '\t' | '\n' | '\r' => ' ',
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        character => character,
    };
    let is_long = name.chars().nth(MAX).is_some();
    let kept = name.chars().take(if is_long { MAX - 1 } else { MAX }).map(clean);
    kept.chain(is_long.then_some('…')).collect()
}

/// One argument, and what its type's name tells. The compiler reports that the value has no trait for the mode at the place.
fn put(
    mode: &CaptureMode,
    at: Span,
    (value, kind): (&TokenStream, Kind),
    private: &TokenStream,
) -> TokenStream {
    match mode {
        CaptureMode::Debug => quote_spanned!(Span::mixed_site()=> #private::put_debug(#value);),
        CaptureMode::Display => quote_spanned!(Span::mixed_site()=> #private::put_display(#value);),
        CaptureMode::Redact => quote_spanned!(Span::mixed_site()=> #private::put_redacted();),
        CaptureMode::Sensitive => {
            let captured = captured(&CaptureMode::Best, at, value, private);
            quote_spanned!(Span::mixed_site()=> #private::put_sensitive(|| #captured);)
        }
        // The capture itself contains the panics of a type's own traits, but not those of a user's function.
        CaptureMode::With(path) => {
            let value = quote_spanned!(Span::mixed_site()=> &#path(#value));
            computed(&captured(&CaptureMode::Best, at, &value, private), private)
        }
        CaptureMode::Best => put_best(None, (value, kind), private),
    }
}

/// An argument by the best of its traits. One that an option names has one: the compiler reports at the place that it has none.
fn put_best(named: Option<Span>, (value, kind): (&TokenStream, Kind), private: &TokenStream) -> TokenStream {
    let put = match named {
        Some(at) => quote_spanned!(at.resolved_at(Span::mixed_site())=> __prefactor_put_named),
        None => quote_spanned!(Span::mixed_site()=> __prefactor_put),
    };
    match kind {
        Kind::Primitive => quote_spanned!(Span::mixed_site()=> #private::put_primitive(#value);),
        Kind::Data => quote_spanned!(Span::mixed_site()=> #private::data(#value).#put();),
        Kind::Any => {
            quote_spanned!(Span::mixed_site()=> #private::argument(#value).__prefactor_strategies().#put();)
        }
    }
}

/// The value of an expression.
fn computed(captured: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #private::put_computed(|| #captured);)
}

/// A value that an option names.
fn captured(mode: &CaptureMode, at: Span, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match mode {
        CaptureMode::Debug => quote_spanned!(Span::mixed_site()=> #private::Some(#private::debug(#value))),
        CaptureMode::Display => {
            quote_spanned!(Span::mixed_site()=> #private::Some(#private::display(#value)))
        }
        _ => named(at, value, private),
    }
}

/// The best capture of a value that an option names. The compiler reports at the option that there is none.
pub(super) fn named(at: Span, value: &TokenStream, private: &TokenStream) -> TokenStream {
    let named = quote_spanned!(at.resolved_at(Span::mixed_site())=> __prefactor_named);
    quote_spanned!(Span::mixed_site()=> #private::value(#value).__prefactor_strategies().#named())
}
