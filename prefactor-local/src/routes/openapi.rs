//! `/openapi`: the description of this API, as a file.

use crate::reply::Reply;

pub(super) async fn show() -> Reply {
    Reply(include_str!("openapi.json").to_owned())
}
