//! Rules choose the requests that a fault happens to; rejections choose items.

use std::fmt;

use super::{fault::Fault, item::Item, request::Request};
use crate::error_response::ErrorResponse;

/// It may keep a count of its calls.
type Condition<T> = Box<dyn FnMut(&T) -> bool + Send>;

/// A fault with a choice of requests that it happens to: all of them by default.
///
/// # Examples
///
/// ```
/// use prefactor_local::oracle::{Fault, Oracle, Rule};
///
/// let oracle = Oracle::new();
/// oracle.inject(Rule::new(Fault::reset()).method("POST").path("/bulk").skip(1).times(3));
/// ```
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
    /// Makes a rule for every request.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::status(503)));
    /// ```
    pub fn new(fault: Fault) -> Self {
        Self { fault, method: None, path: None, condition: None, skip: 0, left: None }
    }

    /// Makes a rule that answers 413 to bodies longer than `bytes`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::body_limit(64 * 1024));
    /// ```
    pub fn body_limit(bytes: usize) -> Self {
        Self::new(Fault::status(413)).when(move |request| request.bytes > bytes)
    }

    /// Chooses requests with this method, such as `POST`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::hang_up()).method("POST"));
    /// ```
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Chooses requests with this path, without `/api/v1`; `*` stands for any one segment.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::status(404)).path("/agent_spans/*/finish"));
    /// ```
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Chooses requests that fulfil a condition. The condition is asked about requests of the right method and path.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::status(500)).when(|request| request.items.len() > 100));
    /// ```
    pub fn when(mut self, condition: impl FnMut(&Request) -> bool + Send + 'static) -> Self {
        self.condition = Some(Box::new(condition));
        self
    }

    /// Lets the first `count` matching requests pass.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::status(500)).skip(2));
    /// ```
    pub const fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Ends the rule after `count` requests.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::status(500)).times(3));
    /// ```
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
/// In bulk the items before it take effect. A status from 500 on is then the answer to the whole request, as by a server that
/// breaks over the item. Any other status becomes the output of the item, the last one of the answer.
///
/// # Examples
///
/// ```
/// use prefactor_local::oracle::{Kind, Oracle, Rejection};
///
/// let oracle = Oracle::new();
/// let is_spoiled = |item: &prefactor_local::oracle::Item| item.schema_name.as_deref() == Some("agent:llm_call");
/// oracle.reject(Rejection::new(422, is_spoiled).field("payload", "is not valid"));
/// ```
#[must_use = "a rejection works once the oracle has it"]
pub struct Rejection {
    rejected: Rejected,
    condition: Condition<Item>,
}

/// The answer that a rejected item gets.
#[derive(Clone, Debug)]
pub(super) struct Rejected {
    status: u16,
    code: &'static str,
    field: Option<(&'static str, &'static str)>,
}

impl Rejection {
    /// Rejects the items that fulfil a condition.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Kind, Oracle, Rejection};
    ///
    /// let oracle = Oracle::new();
    /// oracle.reject(Rejection::new(403, |item| item.kind == Kind::FinishSpan));
    /// ```
    pub fn new(status: u16, condition: impl FnMut(&Item) -> bool + Send + 'static) -> Self {
        let code = super::answers::code_of(status);
        Self { rejected: Rejected { status, code, field: None }, condition: Box::new(condition) }
    }

    /// Answers with this code instead of the usual one for the status.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Oracle, Rejection};
    ///
    /// let oracle = Oracle::new();
    /// oracle.reject(Rejection::new(409, |item| item.in_bulk).code("conflict"));
    /// ```
    pub const fn code(mut self, code: &'static str) -> Self {
        self.rejected.code = code;
        self
    }

    /// Names the field that is at fault: `errors: {field: [problem]}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Oracle, Rejection};
    ///
    /// let oracle = Oracle::new();
    /// oracle.reject(Rejection::new(422, |_| true).field("id", "is invalid"));
    /// ```
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
    fn star_stands_for_one_segment() {
        assert!(matches("/agent_spans/*/finish", "/agent_spans/x/finish"));
        assert!(matches("/bulk", "/bulk"));
        for path in ["/agent_spans", "/agent_spans/x", "/agent_spans/x/y/finish", "/agent_spans/x/start"] {
            assert!(!matches("/agent_spans/*/finish", path), "{path}");
        }
    }
}
