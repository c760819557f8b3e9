//! One process under test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use prefactor_local::Server;

use super::{Stored, TIMEOUT};

/// The variable that makes this binary a program under test.
pub(crate) const SCENARIO: &str = "PREFACTOR_EXITS_SCENARIO";

/// A running program, and the server it reports to.
pub(crate) struct Program {
    server: Server,
    child: Child,
    output: BufReader<ChildStdout>,
    errors: JoinHandle<String>,
    /// The time of the last instruction, taken before it was sent.
    told: Option<Instant>,
}

/// The end of a program.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Its standard output since it was ready.
    pub(crate) output: String,
    pub(crate) errors: String,
    /// The time from the instruction to go on, or the signal, or else from the start of the wait.
    pub(crate) took: Duration,
    pub(crate) stored: Stored,
}

impl Program {
    /// Starts a program that reports to a server of its own.
    pub(crate) fn start(scenario: &str) -> Self {
        let server = Server::start().unwrap();
        let url = server.url().to_owned();
        Self::start_with(scenario, server, &url)
    }

    /// Starts a program that reports to a server through another address.
    pub(crate) fn start_with(scenario: &str, server: Server, url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(SCENARIO, scenario);
        Self::run(command, server, url)
    }

    /// Starts a program like [`Program::start_with`], with another standard error, of which nothing is read. Without an
    /// address it has no server.
    pub(crate) fn start_with_errors(scenario: &str, server: Server, url: &str, errors: Stdio) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(SCENARIO, scenario);
        Self::run_with_errors(command, server, url, errors)
    }

    /// Starts any other program.
    pub(crate) fn run(command: Command, server: Server, url: &str) -> Self {
        Self::run_with_errors(command, server, url, Stdio::piped())
    }

    fn run_with_errors(mut command: Command, server: Server, url: &str, errors: Stdio) -> Self {
        if !url.is_empty() {
            command.env("PREFACTOR_API_URL", url).env("PREFACTOR_API_TOKEN", server.token());
        }
        let mut child = command
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let stderr = child.stderr.take();
        let errors = thread::spawn(move || {
            let mut errors = String::new();
            if let Some(mut stderr) = stderr {
                stderr.read_to_string(&mut errors).unwrap();
            }
            errors
        });
        Self { server, child, output, errors, told: None }
    }

    /// Waits until it says that it is ready.
    pub(crate) fn ready(&mut self) {
        assert_eq!(self.line(), "ready", "the program ended early");
    }

    /// The next line that it writes.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until none of its threads has that name, of which the system keeps 15 characters.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait_for_thread_to_end(&self, name: &str) {
        let (tasks, begin) = (format!("/proc/{}/task", self.child.id()), Instant::now());
        loop {
            let names = std::fs::read_dir(&tasks)
                .unwrap()
                .map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default());
            if names.filter(|found| found.trim_end() == &name[..name.len().min(15)]).count() == 0 {
                return;
            }
            assert!(begin.elapsed() < TIMEOUT, "the thread does not end");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Tells it to go on.
    pub(crate) fn go(&mut self) {
        self.told = Some(Instant::now());
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        self.told = Some(Instant::now());
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Stops it, and waits until it has stopped.
    pub(crate) fn stop(&mut self) {
        self.signal(Signal::SIGSTOP);
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        let status = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert_eq!(status, WaitStatus::Stopped(pid, Signal::SIGSTOP));
    }

    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end. A program that does not end is killed, and the test fails.
    pub(crate) fn end(mut self) -> Ended {
        let begin = self.told.unwrap_or_else(Instant::now);
        let status = loop {
            if let Some(status) = self.has_ended() {
                break status;
            }
            if begin.elapsed() > TIMEOUT {
                self.child.kill().unwrap();
                panic!("the program hangs");
            }
            thread::sleep(Duration::from_millis(1));
        };
        let took = begin.elapsed();
        let mut output = String::new();
        self.output.read_to_string(&mut output).unwrap();
        let errors = self.errors.join().unwrap();
        Ended { status, output, errors, took, stored: Stored::of(&self.server) }
    }
}

impl Ended {
    /// Checks that it ended by itself with that code, without output on standard error.
    pub(crate) fn quietly(&self, code: i32) -> &Stored {
        assert_eq!((self.status.code(), self.errors.as_str()), (Some(code), ""));
        &self.stored
    }
}
