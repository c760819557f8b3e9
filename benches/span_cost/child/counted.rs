//! The contenders in a binary whose allocator counts. Counting takes time, so nothing else is measured here.

mod contenders;
mod request;
mod session;
mod work;

use request::Request;

fn main() {
    let request = Request::read();
    assert_eq!(request.what, "allocations", "nothing else is counted here");
    let session = request.session();
    let mut allocations = 0;
    for round in 0..=request.rounds {
        let counted = session.round(|work| allocation_counter::measure(work).count_total);
        allocations += if round > 0 { counted } else { 0 };
        session.settle();
    }
    session.check(request.rounds + 1);
    println!("{}", allocations as f64 / f64::from(request.rounds * session.spans()));
}
