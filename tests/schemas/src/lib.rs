//! The functions of the program, and its declarations.
#![forbid(unsafe_code)]
#![cfg(feature = "schemas")]
#![expect(
    clippy::implicit_hasher,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "the functions are written as in programs"
)]

use std::collections::HashMap;

use prefactor::schema::SchemaRegistry;
use prefactor::span;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A message to a model.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The text.
    pub content: String,
    /// Absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Is a number that JSON may not have.
    pub temperature: f64,
    /// Answers to it.
    pub replies: Vec<Message>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// A call of a tool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Call {
    /// By its name.
    Function {
        /// The tool.
        name: String,
        /// Hidden.
        api_key: String,
    },
    /// Anything else.
    Other {
        /// As it came.
        pair: (u8, String),
    },
}

/// Asks the model.
#[span("program:ask", title = "Model call", template = "{{ model }}: {{ messages.size }} messages", schemars)]
pub async fn ask(model: &str, messages: &[Message], seed: Option<u64>) -> Result<Message, String> {
    let _ = seed;
    let last = messages.last().cloned();
    last.ok_or_else(|| format!("{model} has nothing to say"))
}

/// Has what the macro reads off the signature.
#[span("program:plain", name = "Plain")]
#[expect(clippy::too_many_arguments, reason = "a parameter of each kind")]
pub fn plain(
    text: &str,
    flag: bool,
    count: u32,
    delta: i64,
    huge: u128,
    ratio: f64,
    maybe: Option<String>,
    list: Vec<f64>,
    bytes: &[u8],
    map: HashMap<String, Vec<i32>>,
    json: Value,
    pair: (u8, String),
    unit: (),
) -> Option<u64> {
    let _ = (text, flag, delta, huge, ratio, maybe, list, bytes, map, json, pair, unit);
    (count > 0).then_some(u64::from(count))
}

/// Has each way of capturing an argument.
#[span(
    "program:ways",
    skip(left_out),
    rename(query = "q"),
    redact(hidden),
    sensitive(email, age),
    debug(shown),
    with(measured = str::len),
    fields(fixed = 1, shown_field = ?query)
)]
#[expect(clippy::too_many_arguments, reason = "a parameter of each kind")]
pub fn ways(
    left_out: &str,
    query: &str,
    hidden: u64,
    email: &str,
    age: u8,
    shown: u16,
    measured: &str,
    password: u32,
) {
    let _ = (left_out, query, hidden, email, age, shown, measured, password);
}

/// Has the name of a function of the library, and another signature.
#[span("shared:name")]
pub fn shared(number: i32) -> i32 {
    number
}

/// Returns text or fails.
#[span("program:fallible", result_members(hits), template = "{{ query }}: {{ hits }} hits")]
pub fn fallible(query: &str) -> Result<String, std::fmt::Error> {
    if query.is_empty() { Err(std::fmt::Error) } else { Ok(query.to_owned()) }
}

/// Returns a type that says what it is.
#[span("program:exact_result", schemars(return))]
pub fn exact_result(value: Value) -> Message {
    Message {
        role: Role::User,
        content: value.to_string(),
        calls: Vec::new(),
        temperature: 0.5,
        replies: Vec::new(),
    }
}

/// Says all that can be said of risk.
#[span(
    "program:risky",
    risk(
        create_data = allowed,
        read_data = allowed,
        update_data = allowed,
        destroy_data = allowed,
        financial_transactions = disallowed,
        external_communication = allowed,
        params(
            classification = secret,
            personal_identifiers = included,
            contact_information = included,
            financial_information = included,
            health_and_medical = included,
            criminal_justice = included,
            authentication_and_secrets = included,
            organisational_confidential = included,
            minors_data = included,
            location_and_tracking = included,
            behavioural_and_inferred = included,
            gdpr_racial_or_ethnic_origin = included,
            gdpr_political_opinions = included,
            gdpr_religious_or_philosophical_beliefs = included,
            gdpr_trade_union_membership = included,
            gdpr_genetic_data = included,
            gdpr_biometric_for_identification = included,
            gdpr_sex_life_or_sexual_orientation = included,
        ),
        result(
            classification = public,
            personal_identifiers = excluded,
            contact_information = excluded,
            financial_information = excluded,
            health_and_medical = excluded,
            criminal_justice = excluded,
            authentication_and_secrets = excluded,
            organisational_confidential = excluded,
            minors_data = excluded,
            location_and_tracking = excluded,
            behavioural_and_inferred = excluded,
            gdpr_racial_or_ethnic_origin = excluded,
            gdpr_political_opinions = excluded,
            gdpr_religious_or_philosophical_beliefs = excluded,
            gdpr_trade_union_membership = excluded,
            gdpr_genetic_data = excluded,
            gdpr_biometric_for_identification = excluded,
            gdpr_sex_life_or_sexual_orientation = excluded,
        )
    )
)]
pub fn risky() {}

/// Returns the collected catalogue.
#[must_use]
pub fn catalogue() -> SchemaRegistry {
    // The linker includes a crate only if something of it is used.
    let _ = prefactor_schemas_library::look_up;
    SchemaRegistry::contributed()
}

/// Returns the whole catalogue, line by line.
#[must_use]
pub fn printed(catalogue: &SchemaRegistry) -> String {
    let mut lines = vec![catalogue.external_identifier()];
    for of in catalogue.types() {
        let line = serde_json::json!({
            "name": of.name(),
            "title": of.title_text(),
            "description": of.description_text(),
            "template": of.template_text(),
            "params": of.params_json(),
            "result": of.result_json(),
            "risk": of.risk().is_some(),
        });
        lines.push(line.to_string());
    }
    lines.join("\n") + "\n"
}
