//! The table of arguments, and the closure that adds fields to them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::args::{Field, Options, Spelling};
use crate::function::{Argument, Function};

/// What the call hands over.
pub(crate) struct Capture {
    /// Their names: a constant.
    pub(crate) names: TokenStream,
    /// The values, each with the trait that was chosen for it.
    pub(crate) values: TokenStream,
    /// The closure that adds what `fields` says.
    pub(crate) fields: Option<TokenStream>,
}

pub(crate) fn capture(options: &Options, function: &Function, private: &TokenStream) -> Capture {
    let mut names = Vec::new();
    let mut values = Vec::new();
    if let Some(name) = &options.name {
        names.push(quote_spanned!(Span::mixed_site()=> "name"));
        values.push(argument(&Spelling::Best, &quote_spanned!(Span::mixed_site()=> &#name), private));
    }
    let arguments = function.arguments();
    for captured in arguments.iter().filter(|argument| is_captured(options, argument)) {
        let Argument { binding, conditions } = captured;
        let renamed = options.renamed.iter().find(|(renamed, _)| renamed == binding);
        let name = renamed.map_or_else(|| captured.name(), |(_, name)| name.value());
        let respelt = options.respelt.iter().find(|(respelt, _)| respelt == binding);
        let spelling = respelt.map_or(&Spelling::Best, |(_, spelling)| spelling);
        let value = argument(spelling, &quote_spanned!(Span::mixed_site()=> &#binding), private);
        names.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #name));
        values.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #value));
    }
    let fields: Vec<TokenStream> = options.fields.iter().map(|field| insert_field(field, private)).collect();
    let fields = (!fields.is_empty())
        .then(|| quote_spanned!(Span::mixed_site()=> |__prefactor_arguments| { use #private::Captures as _; #(#fields)* }));
    let values = if values.is_empty() {
        quote_spanned!(Span::mixed_site()=> &[])
    } else {
        quote_spanned!(Span::mixed_site()=> &[#(#values),*])
    };
    Capture { names: quote!(#(#names),*), values, fields }
}

fn is_captured(options: &Options, argument: &Argument) -> bool {
    options.skip_all.is_none() && argument.is_recorded() && !options.skip.contains(&argument.binding)
}

/// One line of the table.
fn argument(spelling: &Spelling, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match spelling {
        Spelling::Debug => quote_spanned!(Span::mixed_site()=> #private::Argument::Debug(#value)),
        Spelling::Display => quote_spanned!(Span::mixed_site()=> #private::Argument::Display(#value)),
        Spelling::Redact => quote_spanned!(Span::mixed_site()=> #private::Argument::REDACTED),
        // The traits' own code is kept from doing harm by the capture itself, a user's function is not.
        Spelling::With(path) => quote_spanned! {Span::mixed_site()=>
            #private::Argument::Computed(&#private::Computed::new(|| {
                use #private::Captures as _;
                (&&&#private::Probe(&#path(#value))).__prefactor_captured()
            }))
        },
        Spelling::Best => {
            quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_argument())
        }
    }
}

fn insert_field(field: &Field, private: &TokenStream) -> TokenStream {
    let Field { key, spelling, value } = field;
    let value = quote_spanned!(Span::mixed_site()=> &(#value));
    let captured = match spelling {
        Spelling::Debug => {
            quote_spanned!(Span::mixed_site()=> #private::Debugged(#value).__prefactor_captured())
        }
        Spelling::Display => {
            quote_spanned!(Span::mixed_site()=> #private::Displayed(#value).__prefactor_captured())
        }
        _ => quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_captured()),
    };
    quote_spanned!(Span::mixed_site()=> __prefactor_arguments.insert_with(#key, || #captured);)
}
