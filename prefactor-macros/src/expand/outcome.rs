//! The closure that turns the returned value into an outcome.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::args::{Options, Report};

pub(crate) fn outcome(options: &Options, private: &TokenStream) -> TokenStream {
    let ret = options.ret.as_ref().map(|(_, report)| report);
    let err = options.err.as_ref().map(|(_, report)| report);
    // `ret` and `err` alone demand what they speak of: without the last choice the compiler insists on it.
    let type_name = match ret {
        Some(Report::Required) => TokenStream::new(),
        _ => quote_spanned!(Span::mixed_site()=> ViaTypeName as _,),
    };
    let split_value = match err {
        Some(Report::Required) => TokenStream::new(),
        _ => quote_spanned!(Span::mixed_site()=> SplitValue as _,),
    };
    let (captured, failure) = (captured(ret, private), failure(err, private));
    let fail_when = options.fail_when.as_ref().map(|is_failure| {
        let captured =
            captured_value(ret, &quote_spanned!(Span::mixed_site()=> __prefactor_returned), private);
        quote_spanned! {Span::mixed_site()=>
            if #private::is_failure(__prefactor_returned, #is_failure) {
                return #private::Outcome::CountsAsFailed(#captured);
            }
        }
    });
    quote_spanned! {Span::mixed_site()=>
        |__prefactor_returned, __prefactor_wanted| {
            use #private::{
                FailureViaAsRef as _, FailureViaAsRefSend as _, FailureViaDebug as _, FailureViaDisplay as _,
                FailureViaError as _, FailureViaTypeName as _, SplitResult as _, #split_value ViaDebug as _,
                ViaSerialize as _, #type_name
            };
            #fail_when
            match (&&#private::Returned(__prefactor_returned)).split() {
                #private::Ok(__prefactor_value) if __prefactor_wanted => {
                    #private::Outcome::Complete(#captured)
                }
                #private::Ok(_) => #private::Outcome::Complete(#private::None),
                #private::Err(__prefactor_error) => #private::Outcome::Failed(#failure),
            }
        }
    }
}

fn captured(ret: Option<&Report>, private: &TokenStream) -> TokenStream {
    captured_value(ret, &quote_spanned!(Span::mixed_site()=> __prefactor_value), private)
}

fn captured_value(ret: Option<&Report>, value: &TokenStream, private: &TokenStream) -> TokenStream {
    match ret {
        Some(Report::Skip) => quote_spanned!(Span::mixed_site()=> #private::None),
        Some(Report::Debug) => quote_spanned!(Span::mixed_site()=> #private::Some(#private::debug(#value))),
        Some(Report::With(path)) => {
            quote_spanned!(Span::mixed_site()=> #private::Some((&&&#private::Probe(&#path(#value))).captured()))
        }
        Some(Report::Required) | None => {
            quote_spanned!(Span::mixed_site()=> #private::Some((&&&#private::Probe(#value)).captured()))
        }
    }
}

fn failure(err: Option<&Report>, private: &TokenStream) -> TokenStream {
    let error = quote_spanned!(Span::mixed_site()=> __prefactor_error);
    match err {
        Some(Report::Skip) => quote_spanned!(Span::mixed_site()=> #private::failure_skipped(#error)),
        Some(Report::Debug) => quote_spanned!(Span::mixed_site()=> #private::failure_debug(#error)),
        Some(Report::With(path)) => {
            quote_spanned!(Span::mixed_site()=> #private::failure_with(#error, #path(#error)))
        }
        Some(Report::Required) | None => {
            quote_spanned!(Span::mixed_site()=> (&&&&&&#private::Probe(#error)).failure())
        }
    }
}
