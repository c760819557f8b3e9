//! Fields are expressions of the user's: each runs in a closure, whose panic costs only that field.
#[span("agent:login", skip(password), fields(host = self.host, length = password.len()))]
fn login(&self, user: &str, password: &str, _unused: u8) -> bool {
    self.check(user, password)
}
