//! Places at which a test makes the worker panic. Outside of tests they compile to nothing.

/// The worker's step at which a test lets it panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Receive,
    Received,
    Answer,
    Answered,
    Act,
    Acted,
}

/// Steps at which to panic, once each.
#[derive(Clone, Debug, Default)]
pub(super) struct FailPoints {
    #[cfg(test)]
    steps: std::sync::Arc<std::sync::Mutex<Vec<Step>>>,
}

impl FailPoints {
    #[cfg(test)]
    pub(super) fn at(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: std::sync::Arc::new(std::sync::Mutex::new(steps.into_iter().collect())) }
    }

    #[cfg(test)]
    pub(super) fn pass(&self, step: Step) {
        let mut steps = self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let position = steps.iter().position(|due| *due == step);
        if let Some(position) = position {
            steps.remove(position);
            drop(steps);
            panic!("as the test asked, at {step:?}");
        }
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "its twin in tests has something to ask")]
    #[inline]
    pub(super) fn pass(&self, _: Step) {}
}
