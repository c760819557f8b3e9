//! Which requests, and which items, something happens to.

use std::fmt;

use super::{fault::Fault, item::Item, ledger::Request};
use crate::error_response::ErrorResponse;

/// May count what it has seen.
type Condition<T> = Box<dyn FnMut(&T) -> bool + Send>;

/// A fault with the requests that it is for: all of them, as long as nothing else is said.
#[must_use = "a rule works once it is injected"]
pub struct Rule {
    fault: Fault,
    method: Option<&'static str>,
    path: Option<String>,
    condition: Option<Condition<Request>>,
    skip: usize,
    left: Option<usize>,
}

impl Rule {
    /// A rule for every request.
    pub fn new(fault: Fault) -> Self {
        Self { fault, method: None, path: None, condition: None, skip: 0, left: None }
    }

    /// A rule for bodies longer than `bytes`: they are answered with 413.
    pub fn body_limit(bytes: usize) -> Self {
        Self::new(Fault::status(413)).when(move |request| request.bytes > bytes)
    }

    /// Only requests with this method, such as `POST`.
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests whose path, without `/api/v1`, is this; `*` stands for any one segment.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Only requests that fulfil a condition. It is asked about requests of the right method and path.
    pub fn when(mut self, condition: impl FnMut(&Request) -> bool + Send + 'static) -> Self {
        self.condition = Some(Box::new(condition));
        self
    }

    /// Lets the first `count` matching requests pass.
    pub const fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Ends after `count` requests.
    pub const fn times(mut self, count: usize) -> Self {
        self.left = Some(count);
        self
    }

    pub(super) fn take(&mut self, request: &Request) -> Option<Fault> {
        let is_meant = self.left != Some(0)
            && self.method.is_none_or(|method| method == request.method)
            && self.path.as_deref().is_none_or(|path| matches(path, &request.path))
            && self.condition.as_mut().is_none_or(|condition| condition(request));
        if !is_meant {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        Some(self.fault.clone())
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == "*" || wanted == found => {}
            _ => return false,
        }
    }
}

/// An answer of the API that single actions get instead of taking effect, alone or as an item in bulk.
///
/// In bulk the items before it take effect. A status of 500 and above is answered to the whole request then,
/// as by a server that breaks over the item; any other becomes the output of the item, the last of the answer.
#[must_use = "a rejection works once the oracle has it"]
pub struct Rejection {
    rejected: Rejected,
    condition: Condition<Item>,
}

/// What an item is told.
#[derive(Clone, Debug)]
pub(super) struct Rejected {
    status: u16,
    code: &'static str,
    field: Option<(&'static str, &'static str)>,
}

impl Rejection {
    /// Rejects the items that fulfil a condition.
    pub fn new(status: u16, condition: impl FnMut(&Item) -> bool + Send + 'static) -> Self {
        let code = super::answers::code_of(status);
        Self { rejected: Rejected { status, code, field: None }, condition: Box::new(condition) }
    }

    /// Answers with this code instead of the usual one for the status.
    pub const fn code(mut self, code: &'static str) -> Self {
        self.rejected.code = code;
        self
    }

    /// Names the field that is at fault: `errors: {field: [problem]}`.
    pub const fn field(mut self, field: &'static str, problem: &'static str) -> Self {
        self.rejected.field = Some((field, problem));
        self
    }

    pub(super) fn take(&mut self, item: &Item) -> Option<Rejected> {
        (self.condition)(item).then(|| self.rejected.clone())
    }
}

impl Rejected {
    pub(super) const fn fails_the_request(&self) -> bool {
        self.status >= 500
    }

    pub(super) fn response(&self) -> ErrorResponse {
        ErrorResponse::scripted(self.status, self.code, self.field)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("fault", &self.fault).field("path", &self.path).finish_non_exhaustive()
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection").field("rejected", &self.rejected).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_segment() {
        assert!(matches("/agent_spans/*/finish", "/agent_spans/x/finish"));
        assert!(matches("/bulk", "/bulk"));
        for path in ["/agent_spans", "/agent_spans/x", "/agent_spans/x/y/finish", "/agent_spans/x/start"] {
            assert!(!matches("/agent_spans/*/finish", path), "{path}");
        }
    }
}
