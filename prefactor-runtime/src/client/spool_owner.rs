//! The owner of a client's journals: the origin of its API, the fingerprint of its token, and its agent.

use crate::config::settings::{Identity, Settings};
use crate::config::spool::SpoolOptions;
use crate::spool::owner::Owner;
use crate::types::error::Error;
use crate::types::pfid::Pfid;

/// Stands in for the address of the API where the program has a transport of its own.
const TRANSPORT: &str = "a transport of the program";

/// The address of the API, and the fingerprint of the token.
#[cfg(feature = "http")]
pub(super) fn origin_of(settings: &Settings) -> Result<(String, Option<String>), Error> {
    let origin = settings.api_url().trim_end_matches('/').to_owned();
    let token = match settings.token()? {
        // Only the worker asks the program's provider of tokens.
        source if source.is_at_hand() => Some(Owner::fingerprint(&origin, source.read()?.expose())),
        _ => None,
    };
    Ok((origin, token))
}

#[cfg(not(feature = "http"))]
#[expect(clippy::unnecessary_wraps, reason = "the form with HTTP needs it")]
pub(super) fn origin_of(_: &Settings) -> Result<(String, Option<String>), Error> {
    Ok((TRANSPORT.to_owned(), None))
}

/// The spool of the settings and its owner: `owner`, if one is given.
pub(super) fn spool_of(
    settings: &Settings,
    has_transport: bool,
    identity: &Identity,
    owner: Option<Owner>,
) -> Result<Option<(SpoolOptions, Owner)>, Error> {
    let Some(options) = settings.spool.clone() else { return Ok(None) };
    if options.path.as_os_str().is_empty() {
        return Err(Error::configuration(
            "the spool has an empty path: give it a directory, e.g. .spool(\"/var/spool/researcher\")",
        ));
    }
    if let Some(owner) = owner {
        return Ok(Some((options, owner)));
    }
    let id = |id: Option<Pfid>| id.map(|id| id.to_string());
    let (origin, token) = if has_transport { (TRANSPORT.to_owned(), None) } else { origin_of(settings)? };
    let owner = Owner {
        origin,
        token,
        agent: settings.agent().name().to_owned(),
        agent_id: id(identity.agent_id),
        environment_id: id(identity.environment_id),
    };
    Ok(Some((options, owner)))
}
