//! The risk of a span type: the platform computes an agent's risk from it.
//!
//! Source of the words: the platform's API description, `data_risk`.

use std::collections::BTreeMap;

#[cfg(feature = "enabled")]
use serde_json::{Map, Value, json};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word of the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// Something that an agent may do.
    RiskAction {
        /// Makes data that was not there.
        CreateData = "create_data",
        /// Reads data.
        ReadData = "read_data",
        /// Changes data.
        UpdateData = "update_data",
        /// Deletes data.
        DestroyData = "destroy_data",
        /// Moves money.
        FinancialTransactions = "financial_transactions",
        /// Writes to people or services outside.
        ExternalCommunication = "external_communication",
    }
}

words! {
    /// Whether an action is allowed.
    Permission {
        /// Unknown, the default.
        Unknown = "unknown",
        /// It is allowed.
        Allowed = "allowed",
        /// It is ruled out.
        Disallowed = "disallowed",
    }
}

words! {
    /// How confidential data is.
    Classification {
        /// Unknown, the default.
        Unknown = "unknown",
        /// For everybody.
        Public = "public",
        /// For the organisation.
        Internal = "internal",
        /// For some in the organisation.
        Confidential = "confidential",
        /// For few.
        Restricted = "restricted",
        /// For those who are named.
        Secret = "secret",
    }
}

words! {
    /// Whether data of a category is there.
    Presence {
        /// Unknown, the default.
        Unknown = "unknown",
        /// It may be there.
        Included = "included",
        /// It is never there.
        Excluded = "excluded",
    }
}

words! {
    /// A kind of data.
    DataCategory {
        /// Names, numbers and pictures of persons.
        PersonalIdentifiers = "personal_identifiers",
        /// Addresses and telephone numbers.
        ContactInformation = "contact_information",
        /// Accounts, cards, incomes.
        FinancialInformation = "financial_information",
        /// Diagnoses, treatments.
        HealthAndMedical = "health_and_medical",
        /// Convictions and charges.
        CriminalJustice = "criminal_justice",
        /// Passwords, keys, tokens.
        AuthenticationAndSecrets = "authentication_and_secrets",
        /// Data that an organisation keeps to itself.
        OrganisationalConfidential = "organisational_confidential",
        /// Data of children.
        MinorsData = "minors_data",
        /// Where somebody is or was.
        LocationAndTracking = "location_and_tracking",
        /// Conclusions from behaviour.
        BehaviouralAndInferred = "behavioural_and_inferred",
        /// GDPR article 9: racial or ethnic origin.
        GdprRacialOrEthnicOrigin = "gdpr_racial_or_ethnic_origin",
        /// GDPR article 9: political opinions.
        GdprPoliticalOpinions = "gdpr_political_opinions",
        /// GDPR article 9: religious or philosophical beliefs.
        GdprReligiousOrPhilosophicalBeliefs = "gdpr_religious_or_philosophical_beliefs",
        /// GDPR article 9: trade union membership.
        GdprTradeUnionMembership = "gdpr_trade_union_membership",
        /// GDPR article 9: genetic data.
        GdprGeneticData = "gdpr_genetic_data",
        /// GDPR article 9: biometric data for identification.
        GdprBiometricForIdentification = "gdpr_biometric_for_identification",
        /// GDPR article 9: sex life or sexual orientation.
        GdprSexLifeOrSexualOrientation = "gdpr_sex_life_or_sexual_orientation",
    }
}

/// The risk of a span type: the actions that its work may take, and the data in its payload and its result. Everything else is
/// `unknown`.
///
/// # Examples
///
/// ```
/// use prefactor::schema::{Classification, DataCategory, DataRisk, Permission, Presence, RiskAction};
///
/// let risk = DataRisk::new()
///     .action(RiskAction::ReadData, Permission::Allowed)
///     .action(RiskAction::FinancialTransactions, Permission::Disallowed)
///     .params(Classification::Confidential)
///     .params_category(DataCategory::PersonalIdentifiers, Presence::Included)
///     .result_category(DataCategory::HealthAndMedical, Presence::Excluded);
/// assert_eq!(risk.permission(RiskAction::ReadData), Permission::Allowed);
/// assert_eq!(risk.permission(RiskAction::DestroyData), Permission::Unknown);
/// assert_eq!(risk.params_classification(), Classification::Confidential);
/// assert_eq!(risk.result_classification().as_str(), "unknown");
/// assert_eq!(risk.params_presence(DataCategory::PersonalIdentifiers), Presence::Included);
/// assert_eq!(risk.result_presence(DataCategory::HealthAndMedical), Presence::Excluded);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it says nothing until a span type has it"]
pub struct DataRisk {
    actions: BTreeMap<RiskAction, Permission>,
    params: DataCategories,
    result: DataCategories,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct DataCategories {
    classification: Option<Classification>,
    categories: BTreeMap<DataCategory, Presence>,
}

impl DataRisk {
    /// One that says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether an action is allowed.
    pub fn action(mut self, action: RiskAction, permission: Permission) -> Self {
        self.actions.insert(action, permission);
        self
    }

    /// Says how confidential the payload is.
    pub fn params(mut self, classification: Classification) -> Self {
        self.params.classification = Some(classification);
        self
    }

    /// Says whether data of a category is in the payload.
    pub fn params_category(mut self, category: DataCategory, presence: Presence) -> Self {
        self.params.categories.insert(category, presence);
        self
    }

    /// Says how confidential the result is.
    pub fn result(mut self, classification: Classification) -> Self {
        self.result.classification = Some(classification);
        self
    }

    /// Says whether data of a category is in the result.
    pub fn result_category(mut self, category: DataCategory, presence: Presence) -> Self {
        self.result.categories.insert(category, presence);
        self
    }

    /// Whether an action is allowed.
    #[must_use]
    pub fn permission(&self, action: RiskAction) -> Permission {
        self.actions.get(&action).copied().unwrap_or(Permission::Unknown)
    }

    /// How confidential the payload is.
    #[must_use]
    pub fn params_classification(&self) -> Classification {
        self.params.classification.unwrap_or(Classification::Unknown)
    }

    /// Whether data of a category is in the payload.
    #[must_use]
    pub fn params_presence(&self, category: DataCategory) -> Presence {
        self.params.categories.get(&category).copied().unwrap_or(Presence::Unknown)
    }

    /// How confidential the result is.
    #[must_use]
    pub fn result_classification(&self) -> Classification {
        self.result.classification.unwrap_or(Classification::Unknown)
    }

    /// Whether data of a category is in the result.
    #[must_use]
    pub fn result_presence(&self, category: DataCategory) -> Presence {
        self.result.categories.get(&category).copied().unwrap_or(Presence::Unknown)
    }

    #[cfg(feature = "enabled")]
    pub(super) fn to_json(&self) -> Value {
        let actions: Map<_, _> = self
            .actions
            .iter()
            .map(|(action, permission)| (action.as_str().to_owned(), permission.as_str().into()))
            .collect();
        json!({
            "action_profile": actions,
            "params_data_categories": self.params.to_json(),
            "result_data_categories": self.result.to_json(),
        })
    }
}

#[cfg(feature = "enabled")]
impl DataCategories {
    fn to_json(&self) -> Value {
        let classification = self.classification.map(|of| ("classification".to_owned(), of.as_str().into()));
        let categories = self
            .categories
            .iter()
            .map(|(category, presence)| (category.as_str().to_owned(), presence.as_str().into()));
        Value::Object(classification.into_iter().chain(categories).collect())
    }
}
