//! Reads and parses environment variables.

use std::cell::RefCell;
use std::ffi::OsString;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::types::error::Error;
use crate::types::redaction_mode::RedactionMode;

pub(crate) const API_URL: &str = "PREFACTOR_API_URL";
pub(crate) const API_TOKEN: &str = "PREFACTOR_API_TOKEN";
pub(crate) const API_TOKEN_FILE: &str = "PREFACTOR_API_TOKEN_FILE";
pub(crate) const AGENT_ID: &str = "PREFACTOR_AGENT_ID";
pub(crate) const AGENT_NAME: &str = "PREFACTOR_AGENT_NAME";
pub(crate) const AGENT_IDENTIFIER: &str = "PREFACTOR_AGENT_IDENTIFIER";
pub(crate) const ENVIRONMENT_ID: &str = "PREFACTOR_ENVIRONMENT_ID";
pub(crate) const DISABLED: &str = "PREFACTOR_DISABLED";
pub(crate) const CAPTURE_INPUTS: &str = "PREFACTOR_CAPTURE_INPUTS";
pub(crate) const CAPTURE_OUTPUTS: &str = "PREFACTOR_CAPTURE_OUTPUTS";
pub(crate) const MAX_INPUT_LENGTH: &str = "PREFACTOR_MAX_INPUT_LENGTH";
pub(crate) const MAX_OUTPUT_LENGTH: &str = "PREFACTOR_MAX_OUTPUT_LENGTH";
pub(crate) const MAX_DEBUG_LENGTH: &str = "PREFACTOR_MAX_DEBUG_LENGTH";
pub(crate) const MAX_LIST_NUMBERS: &str = "PREFACTOR_MAX_LIST_NUMBERS";
pub(crate) const REDACT: &str = "PREFACTOR_REDACT";
pub(crate) const REDACT_ALLOW: &str = "PREFACTOR_REDACT_ALLOW";
pub(crate) const SAMPLE_RATE: &str = "PREFACTOR_SAMPLE_RATE";
pub(crate) const SAMPLE_RATES: &str = "PREFACTOR_SAMPLE_RATES";
pub(crate) const KEEP_FAILURES: &str = "PREFACTOR_KEEP_FAILURES";
pub(crate) const READ_USAGE: &str = "PREFACTOR_READ_USAGE";
pub(crate) const TERMINATION: &str = "PREFACTOR_TERMINATION";
pub(crate) const PROPAGATE_RUNS: &str = "PREFACTOR_PROPAGATE_RUNS";
pub(crate) const MAX_QUEUE_BYTES: &str = "PREFACTOR_MAX_QUEUE_BYTES";
pub(crate) const MAX_QUEUE_OPERATIONS: &str = "PREFACTOR_MAX_QUEUE_OPERATIONS";
pub(crate) const REQUEST_TIMEOUT: &str = "PREFACTOR_REQUEST_TIMEOUT";
pub(crate) const SHUTDOWN_TIMEOUT: &str = "PREFACTOR_SHUTDOWN_TIMEOUT";
pub(crate) const DRAIN_TIMEOUT: &str = "PREFACTOR_DRAIN_TIMEOUT";
pub(crate) const ALLOW_INSECURE_HTTP: &str = "PREFACTOR_ALLOW_INSECURE_HTTP";
pub(crate) const EXPORTERS: &str = "PREFACTOR_EXPORTERS";
pub(crate) const FILE: &str = "PREFACTOR_FILE";
pub(crate) const SPOOL_DIR: &str = "PREFACTOR_SPOOL_DIR";

/// Every variable, with an example value for error messages. The guide's page on configuration has a row for each.
pub(crate) const ALL: [(&str, &str); 31] = [
    (API_URL, "https://app.prefactorai.com"),
    (API_TOKEN, "the token that the platform shows"),
    (API_TOKEN_FILE, "/run/secrets/prefactor"),
    (AGENT_ID, "01jd6qkq1m3nqk8n0000000000000000"),
    (AGENT_NAME, "researcher"),
    (AGENT_IDENTIFIER, "2.1.0"),
    (ENVIRONMENT_ID, "01jd6qkq1m3nqk8n0000000000000000"),
    (DISABLED, "true"),
    (CAPTURE_INPUTS, "false"),
    (CAPTURE_OUTPUTS, "false"),
    (MAX_INPUT_LENGTH, "10000"),
    (MAX_OUTPUT_LENGTH, "10000"),
    (MAX_DEBUG_LENGTH, "1024"),
    (MAX_LIST_NUMBERS, "4096"),
    (REDACT, "mark"),
    (REDACT_ALLOW, "pairing_code,pin"),
    (SAMPLE_RATE, "0.1"),
    (SAMPLE_RATES, "agent:heartbeat=0.01,tool:ping=0"),
    (KEEP_FAILURES, "true"),
    (READ_USAGE, "true"),
    (TERMINATION, "false"),
    (PROPAGATE_RUNS, "false"),
    (MAX_QUEUE_BYTES, "64MiB"),
    (MAX_QUEUE_OPERATIONS, "100000"),
    (REQUEST_TIMEOUT, "10"),
    (SHUTDOWN_TIMEOUT, "5"),
    (DRAIN_TIMEOUT, "10"),
    (ALLOW_INSECURE_HTTP, "true"),
    (EXPORTERS, "prefactor,otlp"),
    (FILE, "spans.jsonl"),
    (SPOOL_DIR, "/var/spool/researcher"),
];

/// The variables of the process, or of a test. An empty variable counts as unset.
pub(crate) struct Variables<F> {
    lookup: F,
    /// Whether one that cannot be read counts as unset.
    is_lenient: bool,
}

impl<F: Fn(&str) -> Option<OsString>> Variables<F> {
    /// Reads whether the client is disabled, unless the builder has said so, and checks that all variables are texts. The other
    /// variables of a disabled client are read as far as they can be: it sends nothing, so none of them can do harm.
    ///
    /// # Errors
    ///
    /// When a variable is not UTF-8. Ignoring it could send data that the program asked to keep back.
    pub(crate) fn new(lookup: F, disabled: &mut Option<bool>) -> Result<Self, Error> {
        let mut variables = Self { lookup, is_lenient: false };
        variables.check(&[DISABLED])?;
        variables.fill(disabled, DISABLED, boolean)?;
        variables.is_lenient = disabled.unwrap_or(false);
        if !variables.is_lenient {
            variables.check(&ALL.map(|(name, _)| name))?;
        }
        Ok(variables)
    }

    fn check(&self, names: &[&str]) -> Result<(), Error> {
        for name in names {
            let value = (self.lookup)(name).map(|value| Zeroizing::new(value.into_encoded_bytes()));
            if value.is_some_and(|value| std::str::from_utf8(&value).is_err()) {
                return Err(not_utf_8(name, &format!("a text such as {:?}", example(name))));
            }
        }
        Ok(())
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?.into_string().ok()?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A text that is wiped, as it was set.
    pub(crate) fn secret(&self, name: &str) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new((self.lookup)(name)?.into_string().ok()?))
    }

    /// Passes on the reading of a variable.
    ///
    /// # Errors
    ///
    /// When they cannot be read, unless the client is disabled.
    pub(crate) fn read<T: Default>(&self, read: Result<T, Error>) -> Result<T, Error> {
        if self.is_lenient { Ok(read.unwrap_or_default()) } else { read }
    }

    /// Fills a setting that the builder was not given.
    ///
    /// # Errors
    ///
    /// When the variable cannot be read.
    pub(crate) fn fill<T>(
        &self,
        setting: &mut Option<T>,
        name: &str,
        read: impl FnOnce(&str, &str) -> Result<T, Error>,
    ) -> Result<(), Error> {
        if setting.is_none() {
            *setting = self.read(self.text(name).map(|value| read(name, &value)).transpose())?;
        }
        Ok(())
    }
}

/// Variables that others have named, such as those of OpenTelemetry, and are read by their names.
pub(crate) struct OthersVariables<F> {
    lookup: F,
    /// The first one read that is not UTF-8.
    unreadable: RefCell<Option<String>>,
}

impl<F: Fn(&str) -> Option<OsString>> OthersVariables<F> {
    pub(crate) fn new(lookup: F) -> Self {
        Self { lookup, unreadable: RefCell::new(None) }
    }

    /// The text of a variable. One that cannot be read is remembered.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let read = (self.lookup)(name)?.into_string();
        if read.is_err() {
            self.unreadable.borrow_mut().get_or_insert_with(|| name.to_owned());
        }
        read.ok()
    }

    /// # Errors
    ///
    /// When a variable that was read is not UTF-8. Without it spans would go to a default address, or without their key.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.unreadable.borrow().as_ref().map_or(Ok(()), |name| Err(not_utf_8(name, "a text")))
    }
}

fn not_utf_8(name: &str, to: &str) -> Error {
    Error::configuration(format!("{name} is not valid UTF-8: set it to {to}, or unset it"))
}

pub(crate) fn boolean(name: &str, value: &str) -> Result<bool, Error> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Error::configuration(format!(
            "{name} must be true or false, e.g. {name}=false; unset it for the default"
        ))),
    }
}

/// A whole number.
pub(crate) fn number<T: std::str::FromStr>(of: &'static str) -> impl Fn(&str, &str) -> Result<T, Error> {
    move |name, value| {
        let example = example(name);
        value.parse().map_err(|_| {
            Error::configuration(format!(
                "{name} must be a whole number of {of}, e.g. {name}={example}; unset it for the default"
            ))
        })
    }
}

/// Bytes, or a number of `KiB`, `MiB` or `GiB`.
pub(crate) fn bytes(name: &str, value: &str) -> Result<usize, Error> {
    const UNITS: [(&str, u32); 4] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("", 0)];
    let read = UNITS.into_iter().find_map(|(unit, shift)| {
        let number = value.strip_suffix(unit)?.trim_end().parse::<usize>().ok()?;
        number.checked_mul(1 << shift)
    });
    read.ok_or_else(|| {
        Error::configuration(format!(
            "{name} must be a number of bytes, KiB, MiB or GiB, e.g. {name}={}; unset it for the default",
            example(name)
        ))
    })
}

/// Seconds, with a fraction or without; or a number of `ms`.
pub(crate) fn duration(name: &str, value: &str) -> Result<Duration, Error> {
    let seconds = match value.strip_suffix("ms") {
        Some(millis) => millis.trim_end().parse::<f64>().map(|millis| millis / 1_000.0),
        None => value.strip_suffix('s').unwrap_or(value).trim_end().parse(),
    };
    let duration = seconds.ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| {
        Error::configuration(format!(
            "{name} must be a number of seconds above 0, e.g. {name}={} or {name}=500ms; unset it for the default",
            example(name)
        ))
    })
}

pub(crate) fn redaction_mode(name: &str, value: &str) -> Result<RedactionMode, Error> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "hide" => Ok(RedactionMode::Hide),
        "mark" => Ok(RedactionMode::Mark),
        "false" | "0" | "no" | "off" => Ok(RedactionMode::Off),
        _ => Err(Error::configuration(format!(
            "{name} must be hide, mark or off, e.g. {name}=mark; unset it for the default"
        ))),
    }
}

/// Names with commas between them.
#[expect(clippy::unnecessary_wraps, reason = "as the other readers")]
pub(crate) fn names(_: &str, value: &str) -> Result<Vec<String>, Error> {
    Ok(value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

pub(crate) fn share(name: &str, value: &str) -> Result<f64, Error> {
    value.parse().map_err(|_| no_share(name))
}

/// Names, each with its share after the last `=`, and commas between them.
pub(crate) fn shares(name: &str, value: &str) -> Result<Vec<(String, f64)>, Error> {
    let entries = value.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let shares = entries.map(|entry| {
        let (of, rate) = entry.rsplit_once('=')?;
        let rate = rate.trim().parse().ok().filter(|rate| (0.0..=1.0).contains(rate))?;
        let of = of.trim();
        (!of.is_empty()).then(|| (of.to_owned(), rate))
    });
    shares.collect::<Option<_>>().ok_or_else(|| {
        Error::configuration(format!(
            "{name} must be names of spans, each with a number from 0 to 1, e.g. {name}={}; unset it to record all of them",
            example(name)
        ))
    })
}

pub(crate) fn no_share(name: &str) -> Error {
    Error::configuration(format!(
        "{name} must be a number from 0 to 1, e.g. {name}=0.1 for a tenth of the runs; unset it for all of them"
    ))
}

fn example(name: &str) -> &'static str {
    ALL.into_iter().find(|(variable, _)| *variable == name).map_or("", |(_, example)| example)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Settings;

    /// The page of the guide.
    fn guide() -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/guide/configuration.md");
        std::fs::read_to_string(path).unwrap()
    }

    /// The cells of the table's rows whose first is one variable.
    fn rows() -> Vec<Vec<String>> {
        let cells = |row: &str| {
            row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
        };
        guide()
            .split("\n# ")
            .next()
            .unwrap()
            .lines()
            .filter(|line| line.starts_with("| `PREFACTOR_"))
            .map(cells)
            .collect()
    }

    /// A variable that is missing there would be taken for unset where it cannot be read.
    #[test]
    fn no_variable_is_missing_in_the_table() {
        let source = include_str!("variable.rs");
        let constants =
            source.lines().filter(|line| line.starts_with("pub(crate) const ") && line.contains(": &str = "));
        let named: Vec<_> = constants.map(|line| line.split('"').nth(1).unwrap()).collect();
        assert_eq!(named, ALL.map(|(name, _)| name));
    }

    #[test]
    fn guide_has_one_row_for_each_variable_with_its_example() {
        let rows = rows();
        let named: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
        let mut expected: Vec<_> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut found = named.clone();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        for (name, example) in ALL {
            let row = &rows[named.iter().position(|row| row == name).unwrap()];
            assert!(row[1].contains(example), "the row of {name} has not the example {example:?}");
        }
    }

    #[test]
    fn guide_has_the_defaults() {
        let defaults = Settings::default();
        let row = |name: &str| rows().into_iter().find(|row| row[0].contains(name)).unwrap();
        let seconds = |duration: Duration| format!("{} s", duration.as_secs());
        for (name, default) in [
            (MAX_QUEUE_BYTES, format!("{} MiB", defaults.max_queue_bytes() >> 20)),
            (REQUEST_TIMEOUT, seconds(defaults.request_timeout())),
            (SHUTDOWN_TIMEOUT, seconds(defaults.shutdown_timeout())),
            (DRAIN_TIMEOUT, seconds(defaults.drain_timeout())),
            (MAX_LIST_NUMBERS, format!("{}", defaults.limits().inputs.max_numbers)),
            (MAX_INPUT_LENGTH, format!("{}", defaults.limits().inputs.max_length)),
            (MAX_OUTPUT_LENGTH, format!("{}", defaults.limits().outputs.max_length)),
        ] {
            assert!(row(name).last().unwrap().contains(&default), "{name}: {default}");
        }
    }

    #[test]
    fn texts_are_read_as_documented() {
        for (text, expected) in [
            ("64MiB", 64 << 20),
            ("64 MiB", 64 << 20),
            ("1GiB", 1 << 30),
            ("512KiB", 512 << 10),
            ("1000", 1_000),
        ] {
            assert_eq!(bytes(MAX_QUEUE_BYTES, text).unwrap(), expected);
        }
        for text in ["64MB", "-1", "1.5MiB", "99999999999GiB", "MiB"] {
            assert!(
                bytes(MAX_QUEUE_BYTES, text).unwrap_err().to_string().contains(MAX_QUEUE_BYTES),
                "{text}"
            );
        }
        for (text, millis) in [("10", 10_000), ("2.5", 2_500), ("500ms", 500), ("3s", 3_000), ("3 s", 3_000)]
        {
            assert_eq!(duration(REQUEST_TIMEOUT, text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        for text in ["0", "-1", "NaN", "inf", "soon", "1e300", "1m"] {
            assert!(
                duration(REQUEST_TIMEOUT, text).unwrap_err().to_string().contains(REQUEST_TIMEOUT),
                "{text}"
            );
        }
        assert_eq!(names(REDACT_ALLOW, " pin, pairing_code ,,").unwrap(), ["pin", "pairing_code"]);
        let rates = shares(SAMPLE_RATES, " agent:heartbeat = 0.01, odd=name=1 ,tool:ping=0,").unwrap();
        let expected = [("agent:heartbeat", 0.01), ("odd=name", 1.0), ("tool:ping", 0.0)];
        assert_eq!(rates, expected.map(|(name, rate)| (name.to_owned(), rate)));
        for text in ["0.5", "a=", "=0.5", "a=1.5", "a=-0.1", "a=NaN", "a"] {
            assert!(shares(SAMPLE_RATES, text).unwrap_err().to_string().contains(SAMPLE_RATES), "{text}");
        }
        for (text, is_on) in [("YES", true), ("on", true), ("No", false), ("OFF", false), ("0", false)] {
            assert_eq!(boolean(DISABLED, text).unwrap(), is_on, "{text}");
        }
    }
}
