//! `self` is never recorded.
struct Agent;

impl Agent {
    #[prefactor::span("agent:plan", skip(self))]
    async fn plan(&self) {}
}

fn main() {
    drop(Agent.plan());
}
