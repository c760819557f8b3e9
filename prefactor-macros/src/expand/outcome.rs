//! The closure that says how the outcome is read off the returned value.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::args::{Options, Report};

/// As options ask for it, if any does.
pub(crate) fn outcome(options: &Options, private: &TokenStream) -> Option<TokenStream> {
    let is_asked_for = options.ret.is_some() || options.err.is_some() || options.fail_when.is_some();
    is_asked_for.then(|| by_options(options, private))
}

fn by_options(options: &Options, private: &TokenStream) -> TokenStream {
    let err = options.err.as_ref().map(|(_, report)| report);
    let choice = match options.ret {
        Some((_, Report::Required)) => quote_spanned!(Span::mixed_site()=> Demanded),
        _ => quote_spanned!(Span::mixed_site()=> Captures),
    };
    // The demand is made on the option's own token.
    let demand_result =
        options.err.as_ref().filter(|(_, report)| matches!(report, Report::Required)).map(|(err, _)| {
            let demand = quote_spanned!(err.resolved_at(Span::mixed_site())=> __prefactor_returned);
            quote_spanned!(Span::mixed_site()=> #private::demand_result(#demand);)
        });
    let value = quote_spanned!(Span::mixed_site()=> __prefactor_value);
    let captured = reported(options.ret.as_ref(), &value, private);
    let failure = failure(err, private);
    let fail_when = options.fail_when.as_ref().map(|is_failure| {
        let captured = reported(
            options.ret.as_ref(),
            &quote_spanned!(Span::mixed_site()=> __prefactor_returned),
            private,
        );
        quote_spanned! {Span::mixed_site()=>
            if #private::is_failure(__prefactor_returned, #is_failure) {
                return #private::Outcome::CountsAsFailed(#captured);
            }
        }
    });
    quote_spanned! {Span::mixed_site()=>
        |__prefactor_returns| #private::read_by(__prefactor_returns, |__prefactor_returned, __prefactor_wanted| {
            use #private::{Chooses as _, #choice as _, Splits as _};
            #demand_result
            #fail_when
            let __prefactor_sides = (&&#private::returned(__prefactor_returned)).__prefactor_sides();
            match #private::split(&__prefactor_sides, __prefactor_returned) {
                #private::Ok(__prefactor_value) if __prefactor_wanted => {
                    #private::Outcome::Complete(#captured)
                }
                #private::Ok(_) => #private::Outcome::Complete(#private::None),
                #private::Err(__prefactor_error) => #private::Outcome::Failed(#failure),
            }
        })
    }
}

fn reported(ret: Option<&(Span, Report)>, value: &TokenStream, private: &TokenStream) -> TokenStream {
    let best = quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_captured());
    let captured = match ret {
        Some((_, Report::Skip)) => return quote_spanned!(Span::mixed_site()=> #private::None),
        Some((_, Report::Debug)) => quote_spanned!(Span::mixed_site()=> #private::debug(#value)),
        Some((_, Report::With(path))) => {
            quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(&#path(#value))).__prefactor_captured())
        }
        Some((ret, Report::Required)) => {
            let best =
                quote_spanned!(Span::mixed_site()=> (&&&#private::Probe(#value)).__prefactor_demanded());
            let best = quote_spanned!(ret.resolved_at(Span::mixed_site())=> (#best));
            quote_spanned!(Span::mixed_site()=> #private::demand_shown(#best))
        }
        None => best,
    };
    quote_spanned!(Span::mixed_site()=> #private::Some(#captured))
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
            quote_spanned! {Span::mixed_site()=>
                #private::failure((&&&&&&__prefactor_sides.error).__prefactor_way(), #error)
            }
        }
    }
}
