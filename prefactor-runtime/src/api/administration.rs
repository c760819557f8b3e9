//! `/account`, `/environment`, `/team` and `/person`: the owners of agents and the places where agents run.

use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, Query, filter, request};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::objects;
use crate::api::records::records;
use crate::types::error::Error;

const ACCOUNTS: &str = "/account";

objects! {
    /// An account, to which all other objects belong.
    Account {
        /// Its id.
        id: String;
        /// Its name.
        name: Option<String>,
    }

    /// Where agents run, such as production.
    Environment {
        /// Its id.
        id: String,
        /// Its name.
        name: String;
        /// The account that it belongs to.
        account_id: Option<String>,
    }

    /// People who own agents together.
    Team {
        /// Its id.
        id: String,
        /// Its name.
        name: String;
        /// Its description, for people.
        description: Option<String>,
    }

    /// Somebody who answers for agents.
    Person {
        /// Its id.
        id: String,
        /// The name.
        name: String;
        /// The address of mail.
        email: Option<String>,
        /// The team.
        team_id: Option<String>,
    }
}

filter! {
    /// Which objects of an account a list has.
    AccountFilter {
        /// Those of that account.
        account_id("account_id" text)
    }
}

request! {
    /// An environment to be made.
    NewEnvironment(name, account_id) {
        /// Chooses its id, in the account's partition.
        with_id("id" id)
    }
}

request! {
    /// The changes to an environment.
    EnvironmentChange() {
        /// Gives it another name.
        with_name("name" text)
    }
}

records! {
    /// Requests on environments.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{EnvironmentChange, NewEnvironment};
    ///
    /// let account = api.accounts().list().all().await?.remove(0).id;
    /// let staging = api.environments().create(NewEnvironment::new("staging", account)).await?;
    /// let renamed = EnvironmentChange::new().with_name("test");
    /// api.environments().update(&staging.id, renamed).await?;
    /// println!("{}", api.environments().get(&staging.id).await?.name);
    /// println!("{}", api.environments().show(&staging.id).await?.name);
    /// api.environments().delete(&staging.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Environments: Environment, NewEnvironment, EnvironmentChange, AccountFilter,
    "/environment", "an environment", "environments"
}

impl Environments<'_> {
    /// Shows an environment, as [`get`](Environments::get) does, by the request in which its id stands in the query.
    pub async fn show(&self, id: impl Display) -> Result<Environment, Error> {
        let mut query = Query::default();
        query.set("environment_id", id.to_string());
        self.connection.details(Call::get("show an environment", query.behind("/environment/show"))).await
    }
}

request! {
    /// A team to be made.
    NewTeam(name) {
        /// Sets the description.
        with_description("description" text)
    }
}

request! {
    /// The changes to a team.
    TeamChange() {
        /// Gives it another name.
        with_name("name" text)
        /// Sets the description.
        with_description("description" text)
        /// Takes the description away.
        without_description("description" null)
    }
}

records! {
    /// Requests on teams.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{AccountFilter, NewTeam, TeamChange};
    ///
    /// let team = api.teams().create(NewTeam::new("core").with_description("all agents")).await?;
    /// let change = TeamChange::new().without_description();
    /// api.teams().update(&team.id, change).await?;
    /// for team in api.teams().list(AccountFilter::new()).all().await? {
    ///     println!("{}", team.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Teams: Team, NewTeam, TeamChange, AccountFilter, "/team", "a team", "teams"
}

request! {
    /// A person to be added.
    NewPerson(name) {
        /// Sets the address of mail.
        with_email("email" text)
        /// Sets the team.
        with_team_id("team_id" text)
    }
}

request! {
    /// The changes to a person.
    PersonChange() {
        /// Sets another name.
        with_name("name" text)
        /// Sets the address of mail.
        with_email("email" text)
        /// Sets the team.
        with_team_id("team_id" text)
        /// Takes the person out of the team.
        without_team_id("team_id" null)
    }
}

records! {
    /// Requests on people.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{NewPerson, PersonChange};
    ///
    /// let ada = api.people().create(NewPerson::new("Ada").with_email("ada@example.org")).await?;
    /// api.people().update(&ada.id, PersonChange::new().without_team_id()).await?;
    /// # Ok(())
    /// # }
    /// ```
    People: Person, NewPerson, PersonChange, AccountFilter, "/person", "a person", "people"
}

group! {
    /// Requests on accounts.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// let account = api.accounts().list().all().await?.remove(0);
    /// let renamed = api.accounts().rename(&account.id, "Research").await?;
    /// assert_eq!(api.accounts().get(&account.id).await?, renamed);
    /// # Ok(())
    /// # }
    /// ```
    Accounts
}

impl Accounts<'_> {
    /// Lists the accounts that the token may see.
    pub fn list(&self) -> List<Account> {
        List::new(self.connection, "list accounts", ACCOUNTS, AccountFilter::new().query)
    }

    /// Shows an account.
    pub async fn get(&self, id: impl Display) -> Result<Account, Error> {
        self.connection.details(Call::get("show an account", path_of(ACCOUNTS, id, ""))).await
    }

    /// Gives an account another name.
    pub async fn rename(&self, id: impl Display, name: impl Into<String>) -> Result<Account, Error> {
        let mut fields = Fields::default();
        fields.set("name", name.into());
        self.connection.details(Call::put("rename an account", path_of(ACCOUNTS, id, ""), &fields)).await
    }
}
