//! The changes that the page makes: it ends a run, and keeps the price table.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName},
};
use serde::Deserialize;

use super::super::{
    body::{self, Unread},
    path_id::PathId,
};
use crate::{
    app::App,
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    reply::Reply,
    store::Price,
};

/// The greatest number of prices, and the greatest length of a model's name.
const PRICES: usize = 1000;
const MODEL: usize = 200;

/// The header of each change by the page's scripts. A page of another site cannot send it without a preflight request.
const FROM_PAGE: HeaderName = HeaderName::from_static("prefactor-page");

#[derive(Deserialize)]
struct Prices {
    prices: Vec<Price>,
}

/// Ends a run like `terminate` of the API, which asks for a token that the page does not have.
pub(super) async fn terminate(
    State(app): State<Arc<App>>,
    PathId(id): PathId,
    headers: HeaderMap,
    Extension(unread): Extension<Unread>,
) -> Result<Reply, ErrorResponse> {
    let text = sent_by_page(&headers, unread).await?;
    let mut errors = Errors::default();
    let reason = Fields::parse(&text)?.required_text("reason", &mut errors);
    errors.check()?;
    app.store
        .write(text.len(), move |work| envelope::details(&work.terminate_instance(&id, &reason)?))
        .await
        .map(Reply)
}

pub(super) async fn set_prices(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(unread): Extension<Unread>,
) -> Result<Reply, ErrorResponse> {
    let text = sent_by_page(&headers, unread).await?;
    let Prices { prices } = serde_json::from_str(&text).map_err(|error| {
        ErrorResponse::bad_request(["the body must hold prices: ", &error.to_string()].concat())
    })?;
    check(&prices)?;
    app.store
        .write(text.len(), move |work| {
            work.set_prices(&prices)?;
            Ok("{}".to_owned())
        })
        .await
        .map(Reply)
}

async fn sent_by_page(headers: &HeaderMap, unread: Unread) -> Result<String, ErrorResponse> {
    if !headers.contains_key(FROM_PAGE) {
        return Err(ErrorResponse::forbidden("changes need the header prefactor-page, which the page sends"));
    }
    body::read_json(headers, unread.take()).await
}

fn check(prices: &[Price]) -> Result<(), ErrorResponse> {
    let mut errors = Errors::default();
    if prices.len() > PRICES {
        errors.add("prices", "must be at most 1000 prices");
    }
    for Price { model, input, cached, output, as_of } in prices {
        if model.trim().is_empty() || model.len() > MODEL {
            errors.add("model", "must be a name of 1 to 200 bytes");
        }
        let is_price = |price: f64| price.is_finite() && price >= 0.0;
        if !is_price(*input) || !is_price(*output) || !cached.is_none_or(is_price) {
            errors.add("price", "must be zero or more US dollars for a million tokens");
        }
        if as_of.parse::<jiff::civil::Date>().is_err() {
            errors.add("as_of", "must be a date such as 2026-01-31");
        }
    }
    errors.check()
}
