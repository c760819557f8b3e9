//! A scope in which a missing variable or member is nil.

use std::{collections::BTreeSet, io::Write};

use liquid_core::{
    BlockReflection, Error, Language, ParseBlock, Renderable, Result, Runtime, TagBlock, TagTokenIter,
    Template, Value, ValueCow, ValueView,
    model::{KString, KStringCow, KStringRef, ScalarCow},
    runtime::{PartialStore, Registers},
};

/// The greatest number of rounds of all loops of a template together: a list waits for its summaries.
const MOST_ROUNDS: u32 = 10_000;

/// `{% lenient %}…{% endlenient %}`.
#[derive(Clone)]
pub(super) struct Block;

impl BlockReflection for Block {
    fn start_tag(&self) -> &'static str {
        "lenient"
    }

    fn end_tag(&self) -> &'static str {
        "endlenient"
    }

    fn description(&self) -> &'static str {
        "Reads missing values as nil."
    }
}

impl ParseBlock for Block {
    fn parse(
        &self,
        mut arguments: TagTokenIter<'_>,
        mut block: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        arguments.expect_nothing()?;
        let body = Template::new(block.parse_all(options)?);
        block.assert_empty();
        Ok(Box::new(Body(body)))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

#[derive(Debug)]
struct Body(Template);

/// Counts the rendered bodies of one summary.
#[derive(Default)]
struct Rounds(u32);

impl Renderable for Body {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        {
            let mut rounds = runtime.registers().get_mut::<Rounds>();
            rounds.0 += 1;
            if rounds.0 > MOST_ROUNDS {
                return Err(Error::with_msg("the template loops too often"));
            }
        }
        self.0.render_to(writer, &Lenient(runtime))
    }
}

/// The scopes of another runtime, in which every missing name is nil.
pub(super) struct Lenient<'a>(pub(super) &'a dyn Runtime);

impl Runtime for Lenient<'_> {
    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        Ok(self.0.try_get(path).unwrap_or(ValueCow::Owned(Value::Nil)))
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        self.0.try_get(path)
    }

    fn partials(&self) -> &dyn PartialStore {
        self.0.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        self.0.name()
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.0.roots()
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_global(name, value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.0.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.0.registers()
    }
}

/// Returns the text of a value in leaf position: objects and nil have none.
pub(super) fn leaf(value: &dyn ValueView) -> String {
    if let Some(list) = value.as_array() {
        return list.values().map(leaf).collect();
    }
    if value.is_nil() || value.is_object() {
        return String::new();
    }
    value.render().to_string()
}
