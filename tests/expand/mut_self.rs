#[span("agent:step")]
async fn step(&mut self, mut budget: u32) -> u32 {
    budget -= 1;
    self.spent += 1;
    budget
}
