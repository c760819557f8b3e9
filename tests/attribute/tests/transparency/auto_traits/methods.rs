//! Methods, in an `impl` block and in a trait.

use std::sync::Arc;

use futures_util::stream::iter;
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, twins, wait};

use super::questions::{AutoTraits, Otherwise as _, ask, auto_traits, table};

/// A method of a trait that is async.
pub(crate) trait Tool {
    fn call(&self, number: u8) -> impl Future<Output = u8>;
}

twins! {
    pub(crate) struct Agent<T>(pub(crate) T);

    impl<T: Copy + Into<u64>> Agent<T> {
        #[span("auto:by_reference")]
        pub(crate) async fn by_reference(&self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_mutable_reference")]
        pub(crate) async fn by_mutable_reference(&mut self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_value")]
        pub(crate) async fn by_value(self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_arc")]
        pub(crate) async fn by_arc(self: Arc<Self>) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:generic_method")]
        pub(crate) async fn generic_method<U: Into<u64>>(&self, other: U) -> u64 {
            tokio::task::yield_now().await;
            self.0.into() + other.into()
        }

        #[span("auto:method_future")]
        pub(crate) fn method_future(&self) -> impl Future<Output = u64> {
            std::future::ready(self.0.into())
        }

        #[span("auto:method_stream")]
        pub(crate) fn method_stream(&self) -> impl Stream<Item = u64> {
            iter([self.0.into()])
        }
    }

    impl Tool for Agent<u8> {
        #[span("auto:tool")]
        async fn call(&self, number: u8) -> u8 {
            tokio::task::yield_now().await;
            self.0 + number
        }
    }

    #[span("auto:generic_of_agent")]
    pub(crate) async fn generic<T>(value: T) -> T {
        tokio::task::yield_now().await;
        value
    }
}

alike! {
    fn auto_traits_of_methods_are_the_same(twin) {
        let (agent, mut changed) = (twin::Agent(1_u8), twin::Agent(1_u8));
        table! {
            agent.by_reference();
            changed.by_mutable_reference();
            twin::Agent(1_u8).by_value();
            Arc::new(twin::Agent(1_u8)).by_arc();
            agent.generic_method(1_u8);
            agent.method_future();
            agent.method_stream();
            Tool::call(&agent, 1);
            twin::generic(&agent);
        }
    }

    fn methods_behave_alike(twin) {
        let agent = twin::Agent(1_u8);
        let mut changed = twin::Agent(1_u8);
        wait(async {
            (
                (agent.by_reference().await, changed.by_mutable_reference().await),
                (twin::Agent(1_u8).by_value().await, Arc::new(twin::Agent(1_u8)).by_arc().await),
                (agent.generic_method(1_u8).await, agent.method_future().await),
                (agent.method_stream().count().await, Tool::call(&agent, 1).await),
            )
        })
    }
}
