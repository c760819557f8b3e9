//! `/openapi`: the description of this API.

use crate::reply::Reply;

pub(super) async fn show() -> Reply {
    Reply(include_str!("openapi.json").to_owned())
}
