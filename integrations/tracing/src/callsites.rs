//! One callsite of `tracing` for each schema name: `tracing` asks for names that live as long as the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{OnceLock, PoisonError, RwLock};

use tracing_core::callsite::{self, Callsite};
use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::subscriber::Interest;
use tracing_core::{Dispatch, Level, LevelFilter, Metadata, identify_callsite};

use crate::opened::TARGET;

/// The fields of each opened span. The last one is there where the name is not the schema name.
pub(crate) const FIELDS: [&str; 3] = ["trace_id", "span_id", "schema_name"];

/// Names that are kept. They are never freed, so names that a program makes without end share one.
const MAX: usize = 1_000;

type Names = HashMap<&'static str, &'static NamedCallsite>;

/// The callsite of a schema name.
pub(crate) fn named(schema_name: &str) -> &'static NamedCallsite {
    static NAMES: OnceLock<RwLock<Names>> = OnceLock::new();
    static SHARED: OnceLock<&NamedCallsite> = OnceLock::new();
    let names = NAMES.get_or_init(RwLock::default);
    let known = names.read().unwrap_or_else(PoisonError::into_inner).get(schema_name).copied();
    if let Some(known) = known {
        return known;
    }
    let mut names = names.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(schema_name).copied() {
        return known;
    }
    if names.len() >= MAX {
        drop(names);
        return SHARED.get_or_init(|| {
            let callsite = NamedCallsite::leak("span", true);
            callsite::register(callsite);
            callsite
        });
    }
    let name: &'static str = Box::leak(Box::<str>::from(schema_name));
    let callsite = NamedCallsite::leak(name, false);
    names.insert(name, callsite);
    drop(names);
    callsite::register(callsite);
    callsite
}

/// A callsite that is made at run time.
pub(crate) struct NamedCallsite {
    metadata: OnceLock<Metadata<'static>>,
    is_shared: bool,
    /// The answers of the subscribers.
    interest: AtomicU8,
}

const NEVER: u8 = 0;
const SOMETIMES: u8 = 1;
const ALWAYS: u8 = 2;

impl NamedCallsite {
    fn leak(name: &'static str, is_shared: bool) -> &'static Self {
        let (metadata, interest) = (OnceLock::new(), AtomicU8::new(SOMETIMES));
        let callsite: &'static Self = Box::leak(Box::new(Self { metadata, is_shared, interest }));
        let fields = FieldSet::new(&FIELDS, identify_callsite!(callsite));
        let level = Level::INFO;
        let metadata = Metadata::new(name, TARGET, level, None, None, None, fields, Kind::SPAN);
        let _ = callsite.metadata.set(metadata);
        callsite
    }

    pub(crate) fn metadata(&'static self) -> &'static Metadata<'static> {
        Callsite::metadata(self)
    }

    /// Whether its spans are named by a field.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Whether the subscriber wants a span of it now.
    pub(crate) fn is_enabled(&'static self, dispatch: &Dispatch) -> bool {
        LevelFilter::current() >= Level::INFO
            && match self.interest.load(Relaxed) {
                NEVER => false,
                ALWAYS => true,
                _ => dispatch.enabled(self.metadata()),
            }
    }
}

impl Callsite for NamedCallsite {
    fn set_interest(&self, interest: Interest) {
        let told = if interest.is_never() {
            NEVER
        } else if interest.is_always() {
            ALWAYS
        } else {
            SOMETIMES
        };
        self.interest.store(told, Relaxed);
    }

    fn metadata(&self) -> &Metadata<'static> {
        self.metadata.get().unwrap_or_else(|| unreachable!("it is set before the callsite is seen"))
    }
}
