//! A method without a body has nothing to trace.
trait Planner {
    #[prefactor::span("agent:plan")]
    fn plan(&self);
}

fn main() {}
