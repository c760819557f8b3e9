//! From the model to tokens. The only file that writes Rust.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{Error, Result, ReturnType, Token, Type, TypeInfer};

use crate::args::Args;
use crate::check::check;
use crate::function::{Argument, Function};

/// The function with its span, or as it was written when the feature is off.
pub(crate) fn span(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args: Args = syn::parse2(args)?;
    let function: Function = syn::parse2(item.clone())?;
    check(&args, &function)?;
    if cfg!(feature = "enabled") { Ok(expand(&args, &function)) } else { Ok(item) }
}

/// The error, and the function all the same: its callers must not be told that it does not exist.
pub(crate) fn fallback(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

fn expand(args: &Args, function: &Function) -> TokenStream {
    let Function { attributes, visibility, signature, body } = function;
    let private = private(args);
    let site = site(args, &private);
    let hint = hint(&signature.output, &private);
    let capture = capture(args, function, &private);
    let outcome = outcome(&private);
    // The user's own braces stay: they carry the edition that decides how long temporaries live. Ours around
    // them keep a body of one expression from being called a block with unused braces.
    let body = quote_spanned!(Span::mixed_site()=> (#body));
    // Hygiene keeps the user's variables apart from ours; the prefix does so for constants and statics.
    let call = if signature.asyncness.is_some() {
        quote_spanned! {Span::mixed_site()=>
            #private::prepare(#site).run(async move { #hint #capture #body }, #outcome).await
        }
    } else {
        let output = closure_output(&signature.output);
        quote_spanned! {Span::mixed_site()=>
            #private::prepare(#site).run_sync(move || #output { #capture #body }, #outcome)
        }
    };
    quote! { #(#attributes)* #visibility #signature { #call } }
}

/// The path of what generated code may name.
fn private(args: &Args) -> TokenStream {
    let default = || quote_spanned!(Span::mixed_site()=> ::prefactor);
    let path = args.crate_path.as_ref().map_or_else(default, ToTokens::to_token_stream);
    quote_spanned!(Span::mixed_site()=> #path::__private)
}

fn site(args: &Args, private: &TokenStream) -> TokenStream {
    let schema_name = &args.schema_name;
    quote_spanned!(Span::mixed_site()=> const { &#private::Callsite::new(#schema_name) })
}

/// A return that is never taken tells the block its type, so that coercions, `?` and early returns work in it
/// as they do in the function. No lint takes it for dead code.
fn hint(output: &ReturnType, private: &TokenStream) -> TokenStream {
    let returned = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, returned) if matches!(**returned, Type::Never(_)) => return TokenStream::new(),
        ReturnType::Type(_, returned) => nameable(returned).into_token_stream(),
    };
    quote_spanned! {Span::mixed_site()=>
        if let #private::Option::Some(__prefactor_never) = #private::none::<#returned>() {
            return __prefactor_never;
        }
    }
}

fn closure_output(output: &ReturnType) -> TokenStream {
    match output {
        // Spelt out: a body that only panics would give the closure another type.
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(arrow, returned) => {
            let returned = nameable(returned);
            quote!(#arrow #returned)
        }
    }
}

fn nameable(returned: &Type) -> Type {
    let mut returned = returned.clone();
    OpaqueToInferred.visit_type_mut(&mut returned);
    returned
}

/// `impl Trait` cannot be named in a body; the compiler knows better.
struct OpaqueToInferred;

impl VisitMut for OpaqueToInferred {
    fn visit_type_mut(&mut self, node: &mut Type) {
        if let Type::ImplTrait(opaque) = node {
            *node = Type::Infer(TypeInfer {
                attrs: Vec::new(),
                underscore_token: Token![_](opaque.impl_token.span),
            });
        } else {
            visit_type_mut(self, node);
        }
    }
}

fn capture(args: &Args, function: &Function, private: &TokenStream) -> TokenStream {
    let arguments: Vec<Argument> =
        function.arguments().into_iter().filter(|argument| is_captured(args, argument)).collect();
    if arguments.is_empty() {
        return quote_spanned!(Span::mixed_site()=> #private::arguments(|_| {}););
    }
    let inserts = arguments.iter().map(|argument| {
        let (name, Argument { binding, conditions }) = (argument.name(), argument);
        quote_spanned! {Span::mixed_site()=>
            #(#conditions)*
            __prefactor_arguments.insert(#name, (&&&#private::Probe(&#binding)).captured());
        }
    });
    quote_spanned! {Span::mixed_site()=>
        #private::arguments(|__prefactor_arguments| {
            use #private::{ViaDebug as _, ViaSerialize as _, ViaTypeName as _};
            #(#inserts)*
        });
    }
}

fn is_captured(args: &Args, argument: &Argument) -> bool {
    args.skip_all.is_none() && !args.skip.contains(&argument.binding)
}

fn outcome(private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        |__prefactor_returned| {
            use #private::{
                FailureViaAsRef as _, FailureViaAsRefSend as _, FailureViaDebug as _, FailureViaDisplay as _,
                FailureViaError as _, FailureViaTypeName as _, SplitResult as _, SplitValue as _, ViaDebug as _,
                ViaSerialize as _, ViaTypeName as _,
            };
            match (&&#private::Returned(__prefactor_returned)).split() {
                #private::Ok(__prefactor_value) => {
                    #private::Outcome::Complete((&&&#private::Probe(__prefactor_value)).captured())
                }
                #private::Err(__prefactor_error) => {
                    #private::Outcome::Failed((&&&&&&#private::Probe(__prefactor_error)).failure())
                }
            }
        }
    }
}
