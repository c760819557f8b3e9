//! The closure that puts arguments and fields into the payload.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::args::{Field, Options, Spelling};
use crate::function::{Argument, Function};

pub(crate) fn capture(options: &Options, function: &Function, private: &TokenStream) -> TokenStream {
    let name = options.name.iter().map(|name| {
        quote_spanned! {Span::mixed_site()=>
            __prefactor_arguments.insert("name", (&&&#private::Probe(#name)).__prefactor_captured());
        }
    });
    let arguments = function.arguments();
    let arguments = arguments
        .iter()
        .filter(|argument| is_captured(options, argument))
        .map(|argument| insert(options, argument, private));
    let fields = options.fields.iter().map(|field| insert_field(field, private));
    let inserts: Vec<TokenStream> = name.chain(arguments).chain(fields).collect();
    if inserts.is_empty() {
        return quote_spanned!(Span::mixed_site()=> |_| {});
    }
    quote_spanned! {Span::mixed_site()=>
        |__prefactor_arguments| {
            use #private::{ViaDebug as _, ViaSerialize as _, ViaTypeName as _};
            #(#inserts)*
        }
    }
}

fn is_captured(options: &Options, argument: &Argument) -> bool {
    options.skip_all.is_none() && argument.is_recorded() && !options.skip.contains(&argument.binding)
}

fn insert(options: &Options, argument: &Argument, private: &TokenStream) -> TokenStream {
    let Argument { binding, conditions } = argument;
    let renamed = options.renamed.iter().find(|(renamed, _)| renamed == binding);
    let name = renamed.map_or_else(|| argument.name(), |(_, name)| name.value());
    let respelt = options.respelt.iter().find(|(respelt, _)| respelt == binding);
    let value = quote_spanned!(Span::mixed_site()=> &#binding);
    let insert = match respelt.map_or(&Spelling::Best, |(_, spelling)| spelling) {
        // The traits' own code is kept from doing harm by the capture itself, a user's function is not.
        Spelling::With(path) => {
            insert_with(&name, &quote_spanned!(Span::mixed_site()=> &#path(#value)), private)
        }
        spelling => {
            let captured = captured(spelling, &value, private);
            quote_spanned!(Span::mixed_site()=> __prefactor_arguments.insert(#name, #captured);)
        }
    };
    quote_spanned!(Span::mixed_site()=> #(#conditions)* #insert)
}

fn insert_field(field: &Field, private: &TokenStream) -> TokenStream {
    let Field { key, spelling, value } = field;
    let captured = captured(spelling, &quote_spanned!(Span::mixed_site()=> &(#value)), private);
    quote_spanned!(Span::mixed_site()=> __prefactor_arguments.insert_with(#key, || #captured);)
}

fn insert_with(name: &str, value: &TokenStream, private: &TokenStream) -> TokenStream {
    let captured = captured(&Spelling::Best, value, private);
    quote_spanned!(Span::mixed_site()=> __prefactor_arguments.insert_with(#name, || #captured);)
}

fn captured(spelling: &Spelling, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match spelling {
        Spelling::Debug => quote_spanned!(Span::mixed_site()=> #private::debug(#value)),
        Spelling::Display => quote_spanned!(Span::mixed_site()=> #private::display(#value)),
        Spelling::Redact => quote_spanned!(Span::mixed_site()=> #private::redacted()),
        Spelling::Best | Spelling::With(_) => {
            quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_captured())
        }
    }
}
