//! The table: one line a target, with the measured value, the demanded value, and those of others.

use std::fmt;

/// The result of a target.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Ok,
    Short,
    Skipped,
}

/// One line of the table.
#[derive(Debug)]
pub struct Line {
    target: &'static str,
    what: String,
    /// The measured value of this crate, rounded as it is printed.
    measured: Option<f64>,
    must: f64,
    goal: Option<f64>,
    others: Vec<(String, f64)>,
    remark: Option<String>,
}

impl Line {
    /// Makes a line from a target and its measured value.
    pub fn new(target: &'static str, what: impl Into<String>, measured: f64, must: f64) -> Self {
        Self {
            target,
            what: what.into(),
            measured: Some(measured),
            must,
            goal: None,
            others: Vec::new(),
            remark: None,
        }
    }

    /// Makes the line of a target that could not be measured, with the reason.
    pub fn skipped(target: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        let line = Self::new(target, what, 0.0, 0.0);
        Self { measured: None, remark: Some(why.into()), ..line }
    }

    /// Adds a better value than the demanded one.
    #[must_use]
    pub fn goal(self, goal: f64) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Adds the measured value of another contender.
    #[must_use]
    pub fn other(mut self, name: impl Into<String>, measured: f64) -> Self {
        self.others.push((name.into(), measured));
        self
    }

    /// Returns the number of the target.
    #[must_use]
    pub fn target(&self) -> &str {
        self.target
    }

    /// Returns the measured value.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the measured values of this crate and of the others, by their names.
    #[must_use]
    pub fn bars(&self) -> Vec<(String, f64)> {
        let own = self.measured.map(|measured| ("prefactor".to_owned(), measured));
        own.into_iter().chain(self.others.iter().cloned()).collect()
    }

    fn verdict(&self) -> Verdict {
        match self.measured {
            None => Verdict::Skipped,
            Some(measured) if measured <= self.must => Verdict::Ok,
            Some(_) => Verdict::Short,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<3} {:<46}", self.target, self.what)?;
        if let Some(measured) = self.measured {
            let goal = self.goal.map(|goal| format!("≤ {}", number(goal))).unwrap_or_default();
            write!(formatter, "{:>8} {:>8} {goal:>8}", number(measured), format!("≤ {}", number(self.must)))?;
            write!(formatter, " {:>8}  ", ratio(measured, self.must))?;
            let others = self
                .others
                .iter()
                .map(|(name, other)| format!("{name} {} ({})", number(*other), ratio(measured, *other)));
            write!(formatter, "{:<100} ", others.collect::<Vec<_>>().join(", "))?;
        }
        if let Some(remark) = &self.remark {
            write!(formatter, "{remark} ")?;
        }
        formatter.write_str(match self.verdict() {
            Verdict::Ok => "ok",
            Verdict::Short => "short",
            Verdict::Skipped => "skipped",
        })
    }
}

/// Prints the heading of the columns.
#[expect(clippy::print_stdout, reason = "the benchmark prints its table")]
pub fn print_heading() {
    println!(
        "{:<50}{:>8} {:>8} {:>8} {:>8}  others (prefactor in multiples of them)",
        "target", "measured", "must", "goal", "of must"
    );
}

/// Prints lines as soon as they are known: a full run takes minutes.
pub fn print(lines: &[Line]) {
    lines.iter().for_each(print_line);
}

/// Prints one line.
#[expect(clippy::print_stdout, reason = "the benchmark prints its table")]
pub fn print_line(line: &Line) {
    println!("{line}");
}

fn number(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.2}") }
}

fn ratio(measured: f64, other: f64) -> String {
    if other > 0.0 && measured >= 0.0 { format!("{:.2} ×", measured / other) } else { "–".to_owned() }
}
