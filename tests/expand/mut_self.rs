//! A `mut` argument is bound again inside of the block: only a local may be pointed at other locals of the body.
//! `self` needs nothing: a reference has nothing to drop.
#[span("agent:step")]
async fn step(&mut self, mut budget: u32) -> u32 {
    budget -= 1;
    self.spent += 1;
    budget
}
