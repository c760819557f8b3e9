//! The header `tracestate`: a list of members, ours in front. Format: W3C Trace Context, level 2.

use crate::types::pfid::Pfid;

/// Members that are kept, as the format bounds them.
const MAX_MEMBERS: usize = 32;

/// Characters of a value, as the format bounds them.
const MAX_VALUE: usize = 256;

/// The name of our member.
const NAME: &str = "prefactor";

/// The place in a run of Prefactor, as our member names it: `prefactor=s:<span>;r:<run>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnMember {
    /// The span's id. Its partition may be another than the account's, which may be unknown when it is written.
    pub(crate) span_id: Option<Pfid>,
    /// The run's id in the API, if it was known when the member was written.
    pub(crate) run_id: Option<String>,
    /// The run's name in the API until then, unless its trace id is its name.
    pub(crate) external_identifier: Option<String>,
}

/// A `tracestate`, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TraceState {
    pub(crate) own: Option<OwnMember>,
    /// The members of others, as they came.
    pub(crate) others: Vec<String>,
}

impl TraceState {
    /// Reads the headers of that name, which are one list. Members that are malformed or come twice are left out, and no more
    /// than 32 are kept: a `traceparent` is never refused because of its `tracestate`.
    pub(crate) fn parse(headers: &[&str]) -> Self {
        let mut state = Self::default();
        let members = headers.iter().flat_map(|header| header.split(','));
        for member in members.map(|member| member.trim_matches([' ', '\t'])).take(2 * MAX_MEMBERS) {
            let Some((name, value)) = member.split_once('=') else { continue };
            if !is_name(name) || !is_value(value) {
                continue;
            }
            if name == NAME {
                state.own.get_or_insert_with(|| OwnMember::parse(value));
            } else if !state.others.iter().any(|other| other.split('=').next() == Some(name)) {
                state.others.push(member.to_owned());
            }
        }
        state.others.truncate(MAX_MEMBERS);
        state
    }

    /// The header, or `None` where there is nothing to say.
    #[cfg(feature = "enabled")]
    pub(crate) fn header(&self) -> Option<String> {
        let own = self.own.as_ref().map(OwnMember::to_text);
        let members: Vec<_> = own.into_iter().chain(self.others.iter().cloned()).take(MAX_MEMBERS).collect();
        (!members.is_empty()).then(|| members.join(","))
    }
}

impl OwnMember {
    fn parse(value: &str) -> Self {
        let mut own = Self::default();
        for part in value.split(';') {
            match part.split_once(':') {
                Some(("s", id)) => own.span_id = id.parse().ok(),
                Some(("x", name)) => {
                    own.external_identifier = is_safe_in_path(name).then(|| name.to_owned());
                }
                Some(("r", id)) => own.run_id = is_safe_in_path(id).then(|| id.to_owned()),
                _ => {}
            }
        }
        own
    }

    #[cfg(feature = "enabled")]
    fn to_text(&self) -> String {
        let span = self.span_id.map(|id| format!("s:{id};")).unwrap_or_default();
        let name = self.external_identifier.as_ref().filter(|_| self.run_id.is_none());
        let name =
            name.filter(|name| is_safe_in_path(name)).map(|name| format!("x:{name};")).unwrap_or_default();
        format!("{NAME}={span}{name}r:{}", self.run_id.as_deref().unwrap_or_default())
    }
}

/// A run's id ends up in a path: nothing that could climb out of one is taken over.
fn is_safe_in_path(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn is_name(name: &str) -> bool {
    (1..=MAX_VALUE).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(&byte))
}

fn is_value(value: &str) -> bool {
    (1..=MAX_VALUE).contains(&value.len())
        && value.bytes().all(|byte| (0x20..=0x7e).contains(&byte) && byte != b'=')
}

#[cfg(all(test, feature = "enabled"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn others(headers: &[&str]) -> String {
        TraceState::parse(headers).others.join(",")
    }

    #[test]
    fn headers_are_one_list_without_what_is_empty_malformed_or_said_twice() {
        assert_eq!(others(&["a=1", "b=2"]), "a=1,b=2");
        assert_eq!(others(&["", " , a=1 ,, b=2\t"]), "a=1,b=2");
        assert_eq!(others(&["a=1,nothing,B=2,c=\u{e9},d=3=4,e=5"]), "a=1,e=5");
        assert_eq!(others(&["a=1,b=2,a=3"]), "a=1,b=2");
        assert_eq!(TraceState::parse(&[""]).header(), None);
    }

    #[test]
    fn tracestate_has_at_most_32_members_with_ours_in_front() {
        let members: Vec<_> = (0..40).map(|number| format!("k{number}=v")).collect();
        let mut state = TraceState::parse(&[&members.join(",")]);
        assert_eq!(state.others.len(), 32);
        state.own = Some(OwnMember { run_id: Some("run".into()), ..OwnMember::default() });
        let header = state.header().unwrap();
        assert!(header.starts_with("prefactor=r:run,k0=v,") && header.ends_with("k30=v"), "{header}");
    }

    #[test]
    fn our_member_names_span_and_run_and_nothing_that_is_unsafe() {
        let span = "013xrzp12g3nqk8n0000000000000000";
        let own = TraceState::parse(&[&format!("a=1,prefactor=s:{span};r:run_1;new:x")]).own.unwrap();
        assert_eq!((own.span_id.unwrap().to_string().as_str(), own.run_id.as_deref()), (span, Some("run_1")));
        for value in ["s:short;r:../agent", "r:", "r:a/b", "s:;r:%2e%2e", "x"] {
            let own = TraceState::parse(&[&format!("prefactor={value}")]).own.unwrap();
            assert_eq!(own, OwnMember::default(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_list_is_read_without_a_panic_and_written_within_the_bounds(header in "[ -~é\t]{0,2000}") {
            let state = TraceState::parse(&[&header]);
            let written = state.header().unwrap_or_default();
            prop_assert!(written.is_ascii() && written.split(',').count() <= MAX_MEMBERS);
            prop_assert_eq!(TraceState::parse(&[&written]), state);
        }

        #[test]
        fn our_member_is_read_back(time in 0_u64..1 << 48, partition in 0..=Pfid::MAX_PARTITION, bits in any::<[u8; 10]>(), run in "[a-z0-9]{1,32}") {
            let own = OwnMember {
                span_id: Pfid::from_parts(time, partition, bits),
                run_id: Some(run),
                external_identifier: None,
            };
            let state = TraceState { own: Some(own), others: vec!["vendor=1".into()] };
            prop_assert_eq!(TraceState::parse(&[&state.header().unwrap()]), state);
        }
    }
}
