//! The options about the type of the spans, which describe them to the platform ahead, with the feature `schemas`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

use super::forms::Form;
use super::syntax::{list, names, value, word};
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
    /// Parses one of these options.
    pub(super) fn parse(&mut self, form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
        match form.word.to_string().as_str() {
            "title" => self.title = Some(value(form, input)?),
            "template" => self.template = Some(value(form, input)?),
            "risk" => self.risk = parse_risk(form, input)?,
            "schemars" if input.peek(syn::token::Paren) => {
                self.exact = Some(Exact::These(names(form, input)?));
            }
            "schemars" => self.exact = Some(Exact::All),
            _ => self.result_members = names(form, input)?,
        }
        Ok(())
    }
}

fn parse_risk(form: &Form<'_>, input: ParseStream<'_>) -> Result<Vec<Risk>> {
    const EXAMPLE: &str = "classification = internal";
    let groups = list(form, input, |input| {
        let word = word(form, input)?;
        let of = match word.to_string().as_str() {
            "params" => RiskOf::Params,
            "result" => RiskOf::Result,
            _ if input.peek(syn::token::Paren) => {
                return Err(Error::new(word.span(), "only `params` and `result` have a list in `risk`"));
            }
            _ => return Ok(vec![statement(RiskOf::Action, form, &word, input)?]),
        };
        let form = form.list_within(&word, EXAMPLE);
        list(&form, input, |input| statement(of, &form, &self::word(&form, input)?, input))
    })?;
    let all: Vec<_> = groups.into_iter().flatten().collect();
    for (index, risk) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.of == risk.of && other.word == risk.word) {
            return Err(Error::new(
                form.word.span(),
                format!("`{}` is given twice: remove one of them", risk.word),
            ));
        }
    }
    Ok(all)
}

fn statement(of: RiskOf, form: &Form<'_>, word: &Ident, input: ParseStream<'_>) -> Result<Risk> {
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
    let said: Ident = value(&form.within(word, "a word", example), input)?;
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
