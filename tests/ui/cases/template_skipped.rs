#[prefactor::span("agent:login", skip(password), template = "{{ password }}")]
fn login(user: &str, password: &str) {
    let _ = (user, password);
}

fn main() {
    login("u", "p");
}
