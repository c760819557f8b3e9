//! A proxy in front of a server that holds answers back until it is opened.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use prefactor_local::Server;

use super::TIMEOUT;

pub(crate) struct Gate {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    is_open: bool,
    held: usize,
}

impl Gate {
    pub(crate) fn closed(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let (target, state) = (server.address(), Arc::clone(&gate.state));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(target).unwrap();
                let (requests, answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || copy(requests, server, |request| *request = to(request, target)));
                let state = Arc::clone(&state);
                thread::spawn(move || copy(answers, client, |_| pass(&state)));
            }
        });
        gate
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until so many answers are held back.
    pub(crate) fn wait_for_held(&self, count: usize) {
        let (state, changed) = &*self.state;
        let state = state.lock().unwrap();
        let (state, _) = changed.wait_timeout_while(state, TIMEOUT, |state| state.held < count).unwrap();
        assert!(state.held >= count, "no request came");
    }

    pub(crate) fn open(&self) {
        let (state, changed) = &*self.state;
        state.lock().unwrap().is_open = true;
        changed.notify_all();
    }
}

fn pass((state, changed): &(Mutex<State>, Condvar)) {
    let mut state = state.lock().unwrap();
    state.held += 1;
    changed.notify_all();
    drop(changed.wait_while(state, |state| !state.is_open).unwrap());
}

/// A request under the server's own name, which is the only one that it answers to.
fn to(request: &[u8], server: SocketAddr) -> Vec<u8> {
    let name = b"\r\nhost: ";
    let Some(begin) = request.windows(name.len()).position(|part| part == name) else {
        return request.to_vec();
    };
    let (head, tail) = request.split_at(begin + name.len());
    let end = tail.iter().position(|byte| *byte == b'\r').unwrap();
    [head, server.to_string().as_bytes(), &tail[end..]].concat()
}

fn copy(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(&mut Vec<u8>)) {
    let mut buffer = [0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let mut part = buffer[..count].to_vec();
        pass(&mut part);
        if to.write_all(&part).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
