//! The statements that put the arguments, one by one, and what `fields` adds to them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::args::{Field, Options, Spelling};
use crate::function::{Argument, Function};

/// What is captured of a call.
pub(crate) struct Arguments {
    /// Their names, in order: a constant.
    pub(crate) names: TokenStream,
    /// The statements.
    pub(crate) puts: TokenStream,
}

pub(crate) fn capture(options: &Options, function: &Function, private: &TokenStream) -> Arguments {
    let mut names = Vec::new();
    let mut puts = Vec::new();
    if let Some(name) = &options.name {
        names.push(quote_spanned!(Span::mixed_site()=> "name"));
        puts.push(put(&Spelling::Best, &quote_spanned!(Span::mixed_site()=> &#name), private));
    }
    let arguments = function.arguments();
    for captured in arguments.iter().filter(|argument| is_captured(options, argument)) {
        let Argument { binding, conditions } = captured;
        let renamed = options.renamed.iter().find(|(renamed, _)| renamed == binding);
        let name = renamed.map_or_else(|| captured.name(), |(_, name)| name.value());
        let respelt = options.respelt.iter().find(|(respelt, _)| respelt == binding);
        let spelling = respelt.map_or(&Spelling::Best, |(_, spelling)| spelling);
        let put = put(spelling, &quote_spanned!(Span::mixed_site()=> &#binding), private);
        names.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #name));
        puts.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #put));
    }
    for Field { key, spelling, value } in &options.fields {
        names.push(quote_spanned!(Span::mixed_site()=> #key));
        puts.push(computed(
            &captured(spelling, &quote_spanned!(Span::mixed_site()=> &(#value)), private),
            private,
        ));
    }
    Arguments { names: quote!(#(#names),*), puts: quote!(#(#puts)*) }
}

fn is_captured(options: &Options, argument: &Argument) -> bool {
    options.skip_all.is_none() && argument.is_recorded() && !options.skip.contains(&argument.binding)
}

/// One argument.
fn put(spelling: &Spelling, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match spelling {
        Spelling::Debug => quote_spanned!(Span::mixed_site()=> #private::put_debug(#value);),
        Spelling::Display => quote_spanned!(Span::mixed_site()=> #private::put_display(#value);),
        Spelling::Redact => quote_spanned!(Span::mixed_site()=> #private::put_redacted();),
        // The traits' own code is kept from doing harm by the capture itself, a user's function is not.
        Spelling::With(path) => computed(
            &captured(&Spelling::Best, &quote_spanned!(Span::mixed_site()=> &#path(#value)), private),
            private,
        ),
        Spelling::Best => quote_spanned!(Span::mixed_site()=> #private::argument(#value).__prefactor_put();),
    }
}

/// What an expression gives.
fn computed(captured: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #private::put_computed(|| { use #private::Captures as _; #captured });)
}

fn captured(spelling: &Spelling, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match spelling {
        Spelling::Debug => {
            quote_spanned!(Span::mixed_site()=> #private::Debugged(#value).__prefactor_captured())
        }
        Spelling::Display => {
            quote_spanned!(Span::mixed_site()=> #private::Displayed(#value).__prefactor_captured())
        }
        _ => quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_captured()),
    }
}
