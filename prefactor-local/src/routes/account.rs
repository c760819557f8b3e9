//! `/account`: the one account of this server, and identifiers in its partition.

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    store::{Effect, Filter, Rows},
};

/// The greatest number of identifiers that one request makes.
const MOST_IDS: u64 = 1000;

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::ACCOUNTS)?);
    Ok(Lookup::new(move |reader| envelope::list(&reader.accounts(Filter::default(), sorted, page)?, &sorted)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.show_account(&id)?))
}

pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let name = details.required_text("name", &mut errors);
    let request = call.request_on("account", "update", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.rename_account(&id, &name)?)))
}

/// Answers with new identifiers, which a client may give to objects that it creates.
pub(super) fn generate_ids(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let count = call.body.value("count").map_or(Some(1), |count| count.as_u64());
    let count = count.filter(|count| (1..=MOST_IDS).contains(count));
    if count.is_none() {
        errors.add("count", "must be a number from 1 to 1000");
    }
    let account = call.body.text("account_id", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request("pfid/generate", key, errors)?;
    let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    Ok(Effect::new(request, move |work| {
        let own = work.account()?.id.clone();
        if account.is_some_and(|asked| asked != own) {
            return Err(ErrorResponse::not_found("account"));
        }
        let pfids = work.generate_ids(count)?;
        Ok(serde_json::json!({"account_id": own, "pfids": pfids, "status": "success"}).to_string())
    }))
}
