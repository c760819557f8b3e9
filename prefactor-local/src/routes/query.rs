//! The query of a list: filters, page and order.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Query as Pairs},
    http::request::Parts,
};
use serde_json::value::RawValue;

use crate::{
    app::App,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{Order, Page, Rows, Sorted},
    time::Time,
};

const DEFAULT_SIZE: u32 = 50;
const MOST: u32 = 100;

/// Query parameters by name; unknown names are ignored. An empty filter matches nothing; an empty page, order, instant
/// or flag counts as absent.
#[derive(Debug)]
pub(super) struct Query(HashMap<String, String>);

impl FromRequestParts<Arc<App>> for Query {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ErrorResponse> {
        let pairs = Pairs::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let Pairs(pairs) = pairs.map_err(|error| ErrorResponse::bad_request(error.body_text()))?;
        Ok(Self(pairs.into_iter().collect()))
    }
}

impl Query {
    /// Reads the query of a bulk item from its fields; those of an inner object are named `outer[inner]`.
    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Self, ErrorResponse> {
        let mut pairs = HashMap::new();
        for (name, value) in fields.iter() {
            if let Some(inner) = fields.inner(name)? {
                pairs.extend(inner.iter().map(|(member, value)| (format!("{name}[{member}]"), plain(value))));
            } else {
                pairs.insert(name.to_owned(), plain(value));
            }
        }
        pairs.retain(|_, value| value != "null");
        Ok(Self(pairs))
    }

    /// Returns an error unless exactly one of two parameters is present.
    pub(super) fn exactly_one(&self, names: [&'static str; 2]) -> Result<(), ErrorResponse> {
        let [one, other] = names;
        if self.given(one).is_some() == self.given(other).is_some() {
            return Err(ErrorResponse::invalid(one, ["send either this or ", other].concat()));
        }
        Ok(())
    }

    /// Returns the value of a parameter, unless it is empty.
    fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a parameter is the text `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value == "true")
    }

    /// Returns the value of a filter; an empty text matches nothing.
    pub(super) fn filter(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.given(name).map(str::to_owned)
    }

    /// Parses a whole number that is not negative.
    pub(super) fn number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, ErrorResponse> {
        let read =
            |text: &str| text.parse().map_err(|_| ErrorResponse::invalid(name, "must be a whole number"));
        self.given(name).map(read).transpose()
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Option<Time>, ErrorResponse> {
        let read = |text| {
            Time::parse(text).ok_or_else(|| {
                ErrorResponse::invalid(name, "must be an ISO 8601 date and time with Z or an offset")
            })
        };
        self.given(name).map(read).transpose()
    }

    pub(super) fn page(&self) -> Result<Page, ErrorResponse> {
        let mut errors = Errors::default();
        let mut number = |name: &'static str, default, least, most| {
            let Some(text) = self.given(name) else { return default };
            match text.parse::<u32>() {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    let bounds = ["must be a number from ", &least.to_string(), " to ", &most.to_string()];
                    errors.add(name, bounds.concat());
                    default
                }
            }
        };
        let page = Page {
            offset: number("pagination[offset]", 0, 0, u32::MAX),
            size: number("pagination[page_size]", DEFAULT_SIZE, 1, MOST),
        };
        errors.check()?;
        Ok(page)
    }

    /// Parses the order: `sorting[field]` and `sorting[direction]`, or `sorting=field` and `sorting=-field`. By default
    /// the oldest comes first.
    pub(super) fn sorted(&self, rows: &'static Rows) -> Result<Sorted, ErrorResponse> {
        let bare = self.given("sorting");
        let (bare_field, bare_order) = match bare.map(|field| field.strip_prefix('-').ok_or(field)) {
            None => ("id", Order::Asc),
            Some(Ok(field)) => (field, Order::Desc),
            Some(Err(field)) => (field, Order::Asc),
        };
        let field = self.given("sorting[field]").unwrap_or(bare_field);
        let order = match self.given("sorting[direction]") {
            None => bare_order,
            Some("asc") => Order::Asc,
            Some("desc") => Order::Desc,
            Some(_) => return Err(ErrorResponse::invalid("sorting[direction]", "must be asc or desc")),
        };
        rows.order(field, order)
            .ok_or_else(|| ErrorResponse::invalid("sorting", "names a field that cannot be sorted by"))
    }
}

/// Returns a JSON value as a URL would hold it.
fn plain(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}
