//! One number of one contender, over that of the same work without recording.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::contenders::{Contenders, Name, OWN, PLAIN};
use prefactor_benches::callgrind;

/// Calls of one round: three spans each, with room in every queue for all of them.
const CALLS: u32 = 333;
/// Calls of one round under callgrind, which is slow.
const CALLS_COUNTED: u32 = 100;
/// Rounds of the shorter and of the longer run under callgrind: work that a process does once is the same in both.
const ROUNDS_COUNTED: [u32; 2] = [2, 6];
const SPANS_COUNTED: u32 = 3 * CALLS_COUNTED * (ROUNDS_COUNTED[1] - ROUNDS_COUNTED[0]);
/// Rounds of one process by the clock.
const ROUNDS: u32 = 40;
/// Processes of each contender by the clock.
const PROCESSES: u8 = 12;

/// Instructions a span, of the caller's thread.
pub(crate) fn instructions(contenders: &Contenders, names: &[Name], bytes: u32) -> Result<Vec<f64>> {
    let of = |name: &Name| {
        let run = |rounds| {
            let request = request("run", name, bytes, CALLS_COUNTED, rounds);
            callgrind::instructions(&contenders.timed, &request, "measured_calls")
        };
        let [fewer, more] = ROUNDS_COUNTED;
        let difference = u32::try_from(run(more)? - run(fewer)?)?;
        anyhow::Ok(f64::from(difference) / f64::from(SPANS_COUNTED))
    };
    above_plain(names, |names| names.iter().map(of).collect())
}

/// Allocations a span on the caller's thread.
pub(crate) fn allocations(contenders: &Contenders, names: &[Name], bytes: u32) -> Result<Vec<f64>> {
    let of = |name: &Name| {
        let numbers = ask(&contenders.counted, &request("allocations", name, bytes, CALLS, 10))?;
        anyhow::Ok(numbers[0])
    };
    above_plain(names, |names| names.iter().map(of).collect())
}

/// Nanoseconds of processor time a span: of the caller (`caller`), of all threads (`process`), or of one and of eight
/// callers (`threads`).
///
/// The contenders take turns, each in processes of its own, and the mean of the middle half counts. A shared machine is
/// fast and slow by turns: the least, or the median, would be the one for one contender and the other for another.
pub(crate) fn nanos(
    contenders: &Contenders,
    what: &str,
    names: &[Name],
    bytes: u32,
) -> Result<Vec<Vec<f64>>> {
    let all = [&[PLAIN], names].concat();
    let mut answers = vec![Vec::new(); all.len()];
    for _ in 0..PROCESSES {
        for (name, answers) in all.iter().zip(&mut answers) {
            match ask(&contenders.timed, &request(what, name, bytes, CALLS, ROUNDS)) {
                Ok(answer) => answers.push(answer),
                Err(why) if [PLAIN, OWN].contains(name) => return Err(why),
                Err(why) => leave_out(name, &why),
            }
        }
    }
    ensure!(answers.iter().all(|answers| answers.len() >= 4), "most processes of a contender failed");
    let mut all = answers.iter().map(|answers| typical(answers));
    let plain = all.next().context("the plain one is the first")?;
    Ok(all
        .map(|typical| typical.iter().zip(&plain).map(|(number, plain)| number - plain).collect())
        .collect())
}

/// Another library may lose spans, and its process fails then. What it took for fewer spans is not compared.
#[expect(clippy::print_stderr, reason = "the table is on standard output")]
fn leave_out(name: Name, why: &anyhow::Error) {
    eprintln!("one process of {name} is left out: {why}");
}

/// The mean of the middle half, of each number of the answers.
fn typical(answers: &[Vec<f64>]) -> Vec<f64> {
    let count = answers.iter().map(Vec::len).min().unwrap_or(0);
    let column = |place: usize| {
        let mut numbers: Vec<f64> = answers.iter().map(|answer| answer[place]).collect();
        numbers.sort_by(f64::total_cmp);
        let quarter = numbers.len() / 4;
        let middle = &numbers[quarter..numbers.len() - quarter];
        middle.iter().sum::<f64>() / u32::try_from(middle.len()).map_or(1.0, f64::from)
    };
    (0..count).map(column).collect()
}

/// Returns the difference between each contender and the plain one.
fn above_plain(names: &[Name], measure: impl Fn(&[Name]) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let plain = measure(&[PLAIN])?[0];
    Ok(measure(names)?.into_iter().map(|number| number - plain).collect())
}

fn request(what: &str, name: Name, bytes: u32, calls: u32, rounds: u32) -> Vec<String> {
    let numbers = [bytes, calls, rounds].map(|number| number.to_string());
    [[what, name].map(str::to_owned).to_vec(), numbers.to_vec()].concat()
}

fn ask(program: &Path, request: &[String]) -> Result<Vec<f64>> {
    let output = Command::new(program).args(request).output()?;
    ensure!(output.status.success(), "{request:?}: {}", String::from_utf8_lossy(&output.stderr));
    let answer = String::from_utf8(output.stdout)?;
    let numbers = answer.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    ensure!(!numbers.is_empty(), "{request:?} has no answer");
    Ok(numbers)
}
