//! `/account`, `/environment`, `/team` and `/person`: the owners of agents and the places where agents run.

use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, filter, request};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::objects;
use crate::api::records::records;
use crate::types::error::Error;

const ACCOUNTS: &str = "/account";

objects! {
    /// An account: what all other objects belong to.
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
    Environments: Environment, NewEnvironment, EnvironmentChange, AccountFilter,
    "/environment", "an environment", "environments"
}

request! {
    /// A team to be made.
    NewTeam(name) {
        /// Says what they do.
        with_description("description" text)
    }
}

request! {
    /// The changes to a team.
    TeamChange() {
        /// Gives it another name.
        with_name("name" text)
        /// Says what they do.
        with_description("description" text)
        /// Takes the description away.
        without_description("description" null)
    }
}

records! {
    /// Requests on teams.
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
    People: Person, NewPerson, PersonChange, AccountFilter, "/person", "a person", "people"
}

group! {
    /// Requests on accounts.
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
