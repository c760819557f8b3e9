//! The filter `date`, for times in the form that JSON has.

use std::fmt;

use jiff::Timestamp;
use liquid_core::{
    FilterReflection, ParseFilter, Result, Runtime, Value, ValueView,
    parser::{FilterArguments, ParameterReflection},
};
use liquid_lib::stdlib::Date;

/// The crate's own filter leaves RFC 3339 as it is, so this one translates times into the form that it reads.
#[derive(Clone)]
pub(super) struct Filter;

impl FilterReflection for Filter {
    fn name(&self) -> &str {
        Date.name()
    }

    fn description(&self) -> &str {
        Date.description()
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        Date.positional_parameters()
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        Date.keyword_parameters()
    }
}

impl ParseFilter for Filter {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn liquid_core::Filter>> {
        Ok(Box::new(Translated(Date.parse(arguments)?)))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

#[derive(Debug)]
struct Translated(Box<dyn liquid_core::Filter>);

impl fmt::Display for Translated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl liquid_core::Filter for Translated {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        match input.to_kstr().parse::<Timestamp>() {
            Ok(at) => {
                let at = Value::scalar(at.strftime("%Y-%m-%d %H:%M:%S +0000").to_string());
                self.0.evaluate(&at, runtime)
            }
            Err(_) => self.0.evaluate(input, runtime),
        }
    }
}
