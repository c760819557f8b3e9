//! Methods with each kind of `self`.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use prefactor_attribute::{alike, twins, wait};

twins! {
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Agent {
        pub(crate) name: String,
        pub(crate) calls: u32,
    }

    impl Agent {
        #[span("receivers:associated")]
        pub(crate) fn new(name: &str) -> Self {
            Self { name: name.into(), ..Self::default() }
        }

        #[span("receivers:associated_async")]
        pub(crate) async fn connect(name: impl Into<String>) -> Result<Self, String> {
            let name = name.into();
            if name.is_empty() { Err("no name".into()) } else { Ok(Self { name, calls: 0 }) }
        }

        #[span("receivers:by_value")]
        pub(crate) fn by_value(self) -> String {
            self.name
        }

        #[span("receivers:mut_by_value")]
        pub(crate) fn mut_by_value(mut self, more: &str) -> Self {
            self.name += more;
            self
        }

        #[span("receivers:by_ref")]
        pub(crate) fn by_ref(&self) -> &str {
            &self.name
        }

        #[span("receivers:by_named_ref")]
        pub(crate) fn by_named_ref<'a>(&'a self, _other: &str) -> &'a String {
            &self.name
        }

        #[span("receivers:by_mut")]
        pub(crate) fn by_mut(&mut self, by: u32) -> &mut u32 {
            self.calls += by;
            &mut self.calls
        }

        #[span("receivers:boxed")]
        pub(crate) fn boxed(self: Box<Self>) -> u32 {
            self.calls
        }

        #[span("receivers:mut_boxed")]
        pub(crate) fn mut_boxed(mut self: Box<Self>) -> Box<Self> {
            self.calls += 1;
            self
        }

        #[span("receivers:rc")]
        pub(crate) fn rc(self: Rc<Self>) -> usize {
            Rc::strong_count(&self)
        }

        #[span("receivers:arc")]
        pub(crate) fn arc(self: &Arc<Self>) -> Arc<Self> {
            Arc::clone(self)
        }

        #[span("receivers:pin_mut")]
        pub(crate) fn pin_mut(self: Pin<&mut Self>) -> &mut String {
            &mut self.get_mut().name
        }

        #[span("receivers:pin_boxed")]
        pub(crate) fn pin_boxed(mut self: Pin<Box<Self>>) -> Pin<Box<Self>> {
            self.as_mut().calls = 7;
            self
        }

        #[span("receivers:async_by_value")]
        pub(crate) async fn async_by_value(self) -> String {
            tokio::task::yield_now().await;
            self.name
        }

        #[span("receivers:async_mut_by_value")]
        pub(crate) async fn async_mut_by_value(mut self, by: u32) -> Self {
            self.calls += by;
            tokio::task::yield_now().await;
            self
        }

        #[span("receivers:async_by_ref")]
        pub(crate) async fn async_by_ref(&self, prefix: &str) -> &str {
            tokio::task::yield_now().await;
            self.name.strip_prefix(prefix).unwrap_or(&self.name)
        }

        #[span("receivers:async_by_mut")]
        pub(crate) async fn async_by_mut(&mut self) -> &mut u32 {
            self.calls += 1;
            tokio::task::yield_now().await;
            &mut self.calls
        }

        #[span("receivers:async_boxed")]
        pub(crate) async fn async_boxed(self: Box<Self>) -> u32 {
            self.calls
        }

        #[span("receivers:async_rc")]
        pub(crate) async fn async_rc(self: Rc<Self>) -> usize {
            tokio::task::yield_now().await;
            Rc::strong_count(&self)
        }

        #[span("receivers:async_arc")]
        pub(crate) async fn async_arc(self: Arc<Self>, times: usize) -> usize {
            tokio::task::yield_now().await;
            Arc::strong_count(&self) * times
        }

        #[span("receivers:async_pin_mut")]
        pub(crate) async fn async_pin_mut(self: Pin<&mut Self>) -> u32 {
            tokio::task::yield_now().await;
            self.calls
        }

        #[span("receivers:async_pin_boxed")]
        pub(crate) async fn async_pin_boxed(self: Pin<Box<Self>>) -> Pin<Box<Self>> {
            self
        }

        #[span("receivers:field_fields", fields(agent = self.name, doubled = self.calls * 2))]
        pub(crate) async fn fields_of_self(&mut self) -> u32 {
            self.calls += 1;
            self.calls
        }

        #[span("receivers:field_moved", fields(agent = %self.name))]
        pub(crate) fn fields_of_moved_self(self) -> String {
            self.name
        }
    }

    pub(crate) trait Describe {
        const LIMIT: usize;

        type Text;

        fn text(&self) -> Self::Text;

        #[span("receivers:default")]
        fn default_method(&self, by: usize) -> usize {
            Self::LIMIT + by
        }

        #[span("receivers:default_associated")]
        fn default_associated() -> Option<Self>
        where
            Self: Sized,
        {
            None
        }

        #[span("receivers:default_boxed")]
        fn default_boxed(self: Box<Self>) -> usize {
            Self::LIMIT
        }

        #[span("receivers:default_projection")]
        fn default_projection(&self) -> (Self::Text, Self::Text) {
            (self.text(), self.text())
        }
    }

    impl Describe for Agent {
        const LIMIT: usize = 3;

        type Text = String;

        #[span("receivers:implemented")]
        fn text(&self) -> Self::Text {
            self.name.clone()
        }
    }

    impl Describe for [u8] {
        const LIMIT: usize = 8;

        type Text = usize;

        #[span("receivers:implemented_unsized")]
        fn text(&self) -> usize {
            self.len()
        }
    }

    impl<T> Describe for Option<T> {
        const LIMIT: usize = size_of::<Option<u8>>();

        type Text = bool;

        #[span("receivers:implemented_generic")]
        fn text(&self) -> bool {
            self.is_some()
        }
    }

    impl std::ops::Add for Agent {
        type Output = Self;

        #[span("receivers:operator")]
        fn add(self, other: Self) -> Self::Output {
            Self { name: self.name + &other.name, calls: self.calls + other.calls }
        }
    }

    impl Drop for Dropped<'_> {
        #[span("receivers:drop")]
        fn drop(&mut self) {
            self.0.push('d');
        }
    }

    pub(crate) struct Dropped<'a>(pub(crate) &'a mut String);

    impl Iterator for Countdown {
        type Item = u8;

        #[span("receivers:next")]
        fn next(&mut self) -> Option<Self::Item> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
    }

    pub(crate) struct Countdown(pub(crate) u8);
}

alike! {
    fn sync_methods_behave_alike(twin) {
        let mut agent = twin::Agent::new("Ada");
        *agent.by_mut(2) += 10;
        let refs = (agent.by_ref().to_owned(), agent.by_named_ref("other").clone());
        Pin::new(&mut agent).pin_mut().push('!');
        let shared = Arc::new(agent.clone());
        let counts = (Arc::strong_count(&shared.arc()), Rc::new(agent.clone()).rc());
        let pinned = Box::pin(agent.clone()).pin_boxed().calls;
        let boxed = (Box::new(agent.clone()).boxed(), Box::new(agent.clone()).mut_boxed().calls);
        let moved =
            (agent.clone().mut_by_value("?").name, agent.clone().fields_of_moved_self(), agent.by_value());
        (refs, counts, pinned, boxed, moved)
    }

    fn async_methods_behave_alike(twin) {
        wait(async {
            let mut agent = twin::Agent::connect("Ada").await?;
            *agent.async_by_mut().await += 10;
            let text = agent.async_by_ref("A").await.to_owned();
            let fields = agent.fields_of_self().await;
            let counts =
                (Rc::new(agent.clone()).async_rc().await, Arc::new(agent.clone()).async_arc(3).await);
            let pinned = (
                Pin::new(&mut agent).async_pin_mut().await,
                Box::pin(agent.clone()).async_pin_boxed().await.calls,
            );
            let moved = (
                Box::new(agent.clone()).async_boxed().await,
                agent.clone().async_mut_by_value(5).await.calls,
            );
            Ok::<_, String>((
                text,
                fields,
                counts,
                pinned,
                moved,
                agent.async_by_value().await,
                twin::Agent::connect("").await.err(),
            ))
        })
    }

    fn trait_methods_behave_alike(twin) {
        use twin::Describe as _;
        let agent = twin::Agent::new("Ada");
        let joined = (agent.clone() + twin::Agent::new("Bob")).name;
        let mut log = String::new();
        drop(twin::Dropped(&mut log));
        (
            (
                agent.text(),
                agent.default_method(1),
                agent.default_projection(),
                Box::new(agent).default_boxed(),
            ),
            (
                twin::Agent::default_associated().is_none(),
                [1_u8, 2][..].default_projection(),
                Some('a').text(),
            ),
            (joined, log, twin::Countdown(3).collect::<Vec<_>>()),
        )
    }
}
