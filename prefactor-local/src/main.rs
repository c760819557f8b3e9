//! Runs the local server until ctrl-c.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    prefactor_local::Server::builder().port(4000).start()?.wait();
    Ok(())
}
