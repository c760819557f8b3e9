//! A value that an option names can be shown.

pub struct Handle;

#[prefactor::span("agent:plan", sensitive(a))]
pub fn sensitive(a: &Handle) {
    let _ = a;
}

#[prefactor::span("agent:plan", fields(n = Handle))]
pub fn field() {}

#[prefactor::span("agent:plan", with(a = of))]
pub async fn with(a: u8) -> u8 {
    a
}

#[prefactor::span("agent:plan", rename(a = "handle"))]
pub fn renamed(a: Handle, n: u8) {
    let _ = (a, n);
}

#[prefactor::span("agent:plan", rename(all = "handles"))]
pub async fn renamed_data(all: Vec<Handle>) {
    let _ = all;
}

fn of(_: &u8) -> Handle {
    Handle
}

fn main() {}
