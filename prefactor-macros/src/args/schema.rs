//! The options about the type of the spans, which describe them to the platform ahead, with the feature `schemas`.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result, Token, parenthesized};

use super::syntax::{list, value};
use crate::suggest::suggest;

/// The options that have no effect on spans.
#[derive(Default)]
pub(crate) struct SchemaOptions {
    pub(crate) title: Option<LitStr>,
    pub(crate) template: Option<LitStr>,
    pub(crate) risk: Vec<Risk>,
    pub(crate) exact: Option<Exact>,
    /// `result_members(a, b)`
    pub(crate) result_members: Vec<Ident>,
}

/// Whose schemas are those of `schemars::JsonSchema`.
pub(crate) enum Exact {
    /// `schemars`: of all arguments, and of the returned value.
    All,
    /// `schemars(a, return)`
    These(Vec<Ident>),
}

/// One statement of `risk(…)`.
pub(crate) struct Risk {
    pub(crate) of: RiskOf,
    /// The word, as the API has it.
    pub(crate) word: String,
    pub(crate) value: String,
}

/// The subject of a statement about risk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RiskOf {
    Action,
    Params,
    Result,
}

/// The words of the API, as `prefactor::schema` has them as types.
const ACTIONS: [&str; 6] = [
    "create_data",
    "read_data",
    "update_data",
    "destroy_data",
    "financial_transactions",
    "external_communication",
];
const PERMISSIONS: [&str; 3] = ["unknown", "allowed", "disallowed"];
pub(crate) const CLASSIFICATION: &str = "classification";
const CLASSIFICATIONS: [&str; 6] = ["unknown", "public", "internal", "confidential", "restricted", "secret"];
const CATEGORIES: [&str; 18] = [
    CLASSIFICATION,
    "personal_identifiers",
    "contact_information",
    "financial_information",
    "health_and_medical",
    "criminal_justice",
    "authentication_and_secrets",
    "organisational_confidential",
    "minors_data",
    "location_and_tracking",
    "behavioural_and_inferred",
    "gdpr_racial_or_ethnic_origin",
    "gdpr_political_opinions",
    "gdpr_religious_or_philosophical_beliefs",
    "gdpr_trade_union_membership",
    "gdpr_genetic_data",
    "gdpr_biometric_for_identification",
    "gdpr_sex_life_or_sexual_orientation",
];
const PRESENCES: [&str; 3] = ["unknown", "included", "excluded"];

impl SchemaOptions {
    /// Parses an option, if it is one of these.
    pub(super) fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<bool> {
        match key.to_string().as_str() {
            "title" => self.title = Some(value(key, "\"Model call\"", input)?),
            "template" => self.template = Some(value(key, "\"{{ model }}: {{ prompt }}\"", input)?),
            "risk" => self.risk = parse_risk(key, input)?,
            "schemars" if input.peek(syn::token::Paren) => {
                self.exact = Some(Exact::These(list(key, "a, return", input, Ident::parse_any)?));
            }
            "schemars" => self.exact = Some(Exact::All),
            "result_members" => self.result_members = list(key, "hits, pages", input, Ident::parse_any)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn parse_risk(key: &Ident, input: ParseStream<'_>) -> Result<Vec<Risk>> {
    const EXAMPLE: &str = "read_data = allowed, params(classification = internal)";
    let groups = list(key, EXAMPLE, input, |input| {
        let word = input.call(Ident::parse_any)?;
        if !input.peek(syn::token::Paren) {
            return Ok(vec![statement(RiskOf::Action, &word, input)?]);
        }
        let of = match word.to_string().as_str() {
            "params" => RiskOf::Params,
            "result" => RiskOf::Result,
            _ => return Err(Error::new(word.span(), "only `params` and `result` have a list in `risk`")),
        };
        let inner;
        parenthesized!(inner in input);
        let mut statements = Vec::new();
        while !inner.is_empty() {
            statements.push(statement(of, &inner.call(Ident::parse_any)?, &inner)?);
            if !inner.is_empty() {
                inner.parse::<Token![,]>()?;
            }
        }
        Ok(statements)
    })?;
    let all: Vec<_> = groups.into_iter().flatten().collect();
    for (index, risk) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.of == risk.of && other.word == risk.word) {
            return Err(Error::new(
                key.span(),
                format!("`{}` is given twice: remove one of them", risk.word),
            ));
        }
    }
    Ok(all)
}

fn statement(of: RiskOf, word: &Ident, input: ParseStream<'_>) -> Result<Risk> {
    let (words, what): (&[&str], _) = match of {
        RiskOf::Action => (&ACTIONS, "action"),
        RiskOf::Params | RiskOf::Result => (&CATEGORIES, "category of data"),
    };
    known(word, words, what)?;
    let (values, example): (&[&str], _) = match of {
        RiskOf::Action => (&PERMISSIONS, "allowed"),
        _ if word == CLASSIFICATION => (&CLASSIFICATIONS, "internal"),
        _ => (&PRESENCES, "included"),
    };
    let said: Ident = value(word, example, input)?;
    known(&said, values, "value")?;
    Ok(Risk { of, word: word.to_string(), value: said.to_string() })
}

/// Refuses a word that the API does not have.
fn known(word: &Ident, words: &[&str], what: &str) -> Result<()> {
    if words.iter().any(|known| word == known) {
        return Ok(());
    }
    let cure = match suggest(&word.to_string(), words.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!(
            "use one of {}",
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    Err(Error::new(word.span(), format!("there is no {what} `{word}`: {cure}")))
}
