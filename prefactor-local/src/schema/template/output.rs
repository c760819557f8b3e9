//! The tag in place of `{{ … }}`: it prints a value, and objects as nothing.

use std::io::Write;

use liquid_core::{
    Error, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, parser::FilterChain,
};

use super::lenient::{Lenient, leaf};

/// `{% output … %}`.
#[derive(Clone)]
pub(super) struct Tag;

impl TagReflection for Tag {
    fn tag(&self) -> &'static str {
        "output"
    }

    fn description(&self) -> &'static str {
        "Prints a value; an object or a missing value as nothing."
    }
}

impl ParseTag for Tag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let chain =
            arguments.expect_next("a value is expected")?.expect_filter_chain(options).into_result()?;
        arguments.expect_nothing()?;
        Ok(Box::new(Output(chain)))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Output(FilterChain);

impl Renderable for Output {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let scope = Lenient(runtime);
        let value = self.0.evaluate(&scope)?;
        writer.write_all(leaf(value.as_view()).as_bytes()).map_err(|error| Error::with_msg(error.to_string()))
    }
}
