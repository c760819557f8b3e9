//! The contenders as a binary: runs one of them, for callgrind, or by the clock of the processor.

mod clock;
mod contenders;
mod request;
mod session;
mod work;

use request::Request;

fn main() {
    let request = Request::read();
    let session = request.session();
    match &*request.what {
        "run" => {
            for _ in 0..request.rounds {
                session.round(|work| work());
                session.settle();
            }
            session.check(request.rounds);
        }
        "caller" => println!("{}", clock::caller(&session, request.rounds)),
        "process" => println!("{}", clock::process(&session, request.rounds)),
        "threads" => println!("{}", clock::threads(&session, request.rounds)),
        what => panic!("nothing is known of {what}"),
    }
}
