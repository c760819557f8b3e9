//! Labels of span types, qualities and alerts: how the platform shows them, and which data they touch.

use super::risk::DataRisk;

/// Everything beside the name and the schemas.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Labels {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) template: Option<String>,
    pub(super) risk: Option<DataRisk>,
}

#[cfg(feature = "enabled")]
impl Labels {
    /// Adds the labels that were set.
    pub(super) fn put_into(&self, json: &mut serde_json::Map<String, serde_json::Value>) {
        let texts =
            [("title", &self.title), ("description", &self.description), ("template", &self.template)];
        for (name, text) in texts {
            if let Some(text) = text {
                json.insert(name.into(), text.clone().into());
            }
        }
        if let Some(risk) = &self.risk {
            json.insert("data_risk".into(), risk.to_json());
        }
    }
}

/// The setters and getters of a type with the field `labels`.
macro_rules! with_labels {
    () => {
        /// Sets the title that the platform shows, in place of the name.
        pub fn title(mut self, title: impl Into<String>) -> Self {
            self.labels.title = Some(title.into());
            self
        }

        /// Sets the description.
        pub fn description(mut self, description: impl Into<String>) -> Self {
            self.labels.description = Some(description.into());
            self
        }

        /// Sets the Liquid template of the summary. For spans it sees the members of the payload and of the result, the
        /// result's over the payload's.
        pub fn template(mut self, template: impl Into<String>) -> Self {
            self.labels.template = Some(template.into());
            self
        }

        /// Sets the data that it touches.
        pub fn data_risk(mut self, risk: DataRisk) -> Self {
            self.labels.risk = Some(risk);
            self
        }

        /// The name.
        #[must_use]
        pub fn name(&self) -> &str {
            &self.name
        }

        /// The title, if it has one beside its name.
        #[must_use]
        pub fn title_text(&self) -> Option<&str> {
            self.labels.title.as_deref()
        }

        /// The description.
        #[must_use]
        pub fn description_text(&self) -> Option<&str> {
            self.labels.description.as_deref()
        }

        /// The template of the summary.
        #[must_use]
        pub fn template_text(&self) -> Option<&str> {
            self.labels.template.as_deref()
        }

        /// The data that it touches, if that was set.
        #[must_use]
        pub fn risk(&self) -> Option<&DataRisk> {
            self.labels.risk.as_ref()
        }
    };
}

pub(super) use with_labels;
