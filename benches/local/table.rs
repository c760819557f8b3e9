//! One line a target: its name, the measured value, the demanded value.

/// A measured value beside its target.
pub(crate) struct Bar {
    pub(crate) number: &'static str,
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) must: Must,
    pub(crate) goal: Option<Must>,
}

#[derive(Clone, Copy)]
pub(crate) enum Must {
    AtLeast(f64),
    AtMost(f64),
}

impl Must {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!(">= {least}"),
            Self::AtMost(most) => format!("<= {most}"),
        }
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
pub(crate) fn print_heading() {
    println!("{:<4} {:<64} {:>12} {:<10} {:>10} {:>10}", "bar", "what", "measured", "unit", "must", "goal");
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
pub(crate) fn print(bar: &Bar) {
    let verdict = if bar.must.holds(bar.value) { "holds" } else { "MISSED" };
    let goal = bar.goal.map_or_else(String::new, Must::text);
    println!(
        "{:<4} {:<64} {:>12.1} {:<10} {:>10} {:>10}  {verdict}",
        bar.number,
        bar.what,
        bar.value,
        bar.unit,
        bar.must.text(),
        goal
    );
}
