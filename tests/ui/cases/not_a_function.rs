//! The attribute is for functions only. Where there are functions within, they are named.

#[prefactor::span("agent:plan")]
struct Plan;

#[prefactor::span("agent:plan")]
static PLAN: Plan = Plan;

#[prefactor::span("agent:plan")]
use std::fmt;

#[prefactor::span("agent:plan")]
impl Plan {}

#[prefactor::span("agent:plan")]
unsafe trait Planner {}

fn main() {
    let _: (Plan, Option<fmt::Error>) = (Plan, None);
}
