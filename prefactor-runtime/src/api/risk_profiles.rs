//! `/risk_profile`: the rules that the platform computes an agent's risk by.

use std::collections::BTreeMap;

use crate::api::administration::AccountFilter;
use crate::api::call::Call;
use crate::api::fields::{Query, request};
use crate::api::objects::objects;
use crate::api::records::records;
use crate::types::error::Error;
use crate::types::json::Json;

objects! {
    /// Rules by which the risk of agents is weighed.
    RiskProfile {
        /// Its id.
        id: String,
        /// Its name.
        name: String;
        /// Its description, for people.
        description: Option<String>,
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The rules. Not in every list.
        ruleset: Option<Ruleset>,
        /// The agreement for all agents of the profile.
        agreed_data_risk: Option<Json>,
    }

    /// Numbers from which a risk is computed.
    Ruleset {
        ;
        /// The weight of each category of data, by [`DataCategory`](crate::schema::DataCategory).
        category_weights: BTreeMap<String, f64>,
        /// The factor of each action, by [`RiskAction`](crate::schema::RiskAction).
        action_multipliers: BTreeMap<String, f64>,
        /// The scores from which a risk is `medium`, `high` and `critical`.
        thresholds: BTreeMap<String, f64>,
    }

    /// Rules of a new profile, to start from.
    RiskProfileTemplate {
        /// The rules.
        ruleset: Ruleset;
        /// The agreement for all agents of the profile.
        agreed_data_risk: Option<Json>,
    }
}

request! {
    /// A risk profile to be made.
    NewRiskProfile(name) {
        /// Sets the description.
        with_description("description" text)
        /// Sets the rules, e.g. a changed [`Ruleset`].
        with_ruleset("ruleset" json)
        /// Sets the agreement for all agents of the profile.
        with_agreed_data_risk("agreed_data_risk" json)
    }
}

request! {
    /// The changes to a risk profile.
    RiskProfileChange() {
        /// Gives it another name.
        with_name("name" text)
        /// Sets the description.
        with_description("description" text)
        /// Sets the rules.
        with_ruleset("ruleset" json)
        /// Sets the agreement for all agents of the profile.
        with_agreed_data_risk("agreed_data_risk" json)
    }
}

records! {
    /// Requests on risk profiles.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{NewRiskProfile, RiskProfileChange};
    ///
    /// let mut rules = api.risk_profiles().template("default").await?.ruleset;
    /// rules.thresholds.insert("critical".to_owned(), 90.0);
    /// let strict = api.risk_profiles().create(NewRiskProfile::new("strict").with_ruleset(&rules)).await?;
    /// api.risk_profiles().update(&strict.id, RiskProfileChange::new().with_description("for health")).await?;
    /// # Ok(())
    /// # }
    /// ```
    RiskProfiles: RiskProfile, NewRiskProfile, RiskProfileChange, AccountFilter,
    "/risk_profile", "a risk profile", "risk profiles"
}

impl RiskProfiles<'_> {
    /// Gives the rules of a new profile, by the name of a template such as `default`.
    pub async fn template(&self, name: impl Into<String>) -> Result<RiskProfileTemplate, Error> {
        let mut query = Query::default();
        query.set("template_name", name);
        let call = Call::get("show a template of risk profiles", query.behind("/risk_profile/template"));
        self.connection.details(call).await
    }
}
