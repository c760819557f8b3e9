//! C1: the compiler's time for 500 annotated functions.

use anyhow::{Context as _, Result};

use crate::sources::{CONTENDERS, package};
use prefactor_benches::generated::{Package, Workspace, cpu_seconds};
use prefactor_benches::table::Line;

const ROUNDS: u32 = 3;

const CHECK: &[&str] = &["check"];
const RELEASE: &[&str] = &["build", "--release"];

/// Processor seconds of one contender, the median of the rounds.
struct Seconds {
    check: f64,
    release: f64,
}

pub(crate) fn lines() -> Result<Vec<Line>> {
    if cpu_seconds().is_none() {
        let skipped = |what| Line::skipped("C1", what, "the time of children is not known here:");
        return Ok(vec![skipped("500 functions, check"), skipped("500 functions, release")]);
    }
    let packages: Vec<Package> = CONTENDERS.iter().map(package).collect();
    let workspace = Workspace::new(crate::SCRATCH, "functions", &packages)?;
    let check = medians(&workspace, &packages, CHECK)?;
    let release = medians(&workspace, &packages, RELEASE)?;
    let seconds = |name: &str| {
        let at = CONTENDERS.iter().position(|contender| contender.name == name);
        let at = at.context("the contender is one of the table")?;
        anyhow::Ok(Seconds { check: check[at], release: release[at] })
    };
    let (own, fastrace, wrapper) = (seconds("prefactor")?, seconds("fastrace")?, seconds("wrapper")?);
    let mut lines = [
        Line::new("C1", "500 functions, check, s ≤ fastrace", own.check, fastrace.check),
        Line::new("C1", "500 functions, release, s ≤ 1.25 wrapper", own.release, 1.25 * wrapper.release),
    ];
    for contender in CONTENDERS.iter().filter(|contender| contender.name != "prefactor") {
        let other = seconds(contender.name)?;
        let [check, release] = lines;
        lines = [check.other(contender.name, other.check), release.other(contender.name, other.release)];
    }
    Ok(lines.into())
}

/// The median processor seconds of a command on each package, whose dependencies are built before.
fn medians(workspace: &Workspace, packages: &[Package], command: &[&str]) -> Result<Vec<f64>> {
    for package in packages {
        workspace.replace(package.name, "")?;
        workspace.cargo(command, package.name)?;
    }
    let mut seconds = vec![Vec::new(); packages.len()];
    for round in 0..ROUNDS {
        for (package, seconds) in packages.iter().zip(&mut seconds) {
            let library = package.library.as_deref().unwrap_or_default();
            workspace.replace(package.name, &format!("{library}// Round {round}.\n"))?;
            let before = cpu_seconds().unwrap_or_default();
            workspace.cargo(command, package.name)?;
            seconds.push(cpu_seconds().unwrap_or_default() - before);
        }
    }
    Ok(seconds.into_iter().map(median).collect())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
