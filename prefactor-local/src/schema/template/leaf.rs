//! The filter `leaf`, the first one of each output: it turns an object into nil.

use std::fmt;

use liquid_core::{
    FilterReflection, ParseFilter, Result, Runtime, Value, ValueView,
    parser::{FilterArguments, ParameterReflection},
};

/// `{{ object | leaf }}` is nil; everything else stays.
#[derive(Clone, Debug)]
pub(super) struct Filter;

impl FilterReflection for Filter {
    fn name(&self) -> &'static str {
        "leaf"
    }

    fn description(&self) -> &'static str {
        "Makes an object nothing."
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Filter {
    fn parse(&self, _: FilterArguments<'_>) -> Result<Box<dyn liquid_core::Filter>> {
        Ok(Box::new(Self))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("leaf")
    }
}

impl liquid_core::Filter for Filter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        Ok(if input.is_object() { Value::Nil } else { input.to_value() })
    }
}
