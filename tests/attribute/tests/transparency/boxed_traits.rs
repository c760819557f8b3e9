//! `async_trait`, with the attribute on default methods in the trait and on methods in the impl.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use async_trait::async_trait;
use prefactor_attribute::{alike, twins, wait};

twins! {
    #[async_trait]
    pub(crate) trait Tool: Send + Sync {
        async fn call(&self, input: &str) -> Result<String, String>;

        async fn count(&mut self, by: usize) -> usize;

        async fn into_name(self: Box<Self>) -> String;

        async fn of_arc(self: Arc<Self>, suffix: &str) -> String;

        async fn generic<T: Debug + Send + Sync>(&self, value: &T) -> String
        where
            Self: Sized;

        async fn longest<'a>(&'a self, left: &'a str, right: &'a str) -> &'a str;

        #[span("boxed_traits:twice")]
        async fn twice(&self, input: &str) -> Result<String, String> {
            let first = self.call(input).await?;
            self.call(&first).await
        }

        #[span("boxed_traits:without_self")]
        async fn without_self(first: u8, mut second: u8) -> u8
        where
            Self: Sized,
        {
            second += 1;
            tokio::task::yield_now().await;
            first + second
        }

        #[span("boxed_traits:unit", skip_all)]
        async fn unit(&self, _log: Option<&str>, items: &mut Vec<String>) {
            items.push("seen".to_owned());
        }

        #[span("boxed_traits:plain")]
        fn not_async(&self, input: &str) -> usize {
            input.len()
        }
    }

    #[derive(Clone)]
    pub(crate) struct Echo {
        pub(crate) name: String,
        pub(crate) calls: usize,
    }

    #[async_trait]
    impl Tool for Echo {
        #[span("boxed_traits:call")]
        async fn call(&self, input: &str) -> Result<String, String> {
            tokio::task::yield_now().await;
            if input.is_empty() {
                return Err(format!("{} was given nothing", self.name));
            }
            Ok(format!("{input}{}", self.name))
        }

        #[span("boxed_traits:count")]
        async fn count(&mut self, by: usize) -> usize {
            self.calls += by;
            tokio::task::yield_now().await;
            self.calls
        }

        #[span("boxed_traits:into_name")]
        async fn into_name(self: Box<Self>) -> String {
            self.name
        }

        #[span("boxed_traits:of_arc")]
        async fn of_arc(self: Arc<Self>, suffix: &str) -> String {
            self.name.clone() + suffix
        }

        #[span("boxed_traits:generic")]
        async fn generic<T: Debug + Send + Sync>(&self, value: &T) -> String {
            format!("{value:?}{}", self.calls)
        }

        #[span("boxed_traits:longest")]
        async fn longest<'a>(&'a self, left: &'a str, right: &'a str) -> &'a str {
            [left, right, &self.name].into_iter().max_by_key(|text| text.len()).unwrap_or_default()
        }
    }

    #[async_trait(?Send)]
    pub(crate) trait Local {
        #[span("boxed_traits:local_default")]
        async fn default_method(&self, shared: Rc<Cell<u8>>) -> u8 {
            shared.set(shared.get() + 1);
            tokio::task::yield_now().await;
            self.method(shared).await
        }

        async fn method(&self, shared: Rc<Cell<u8>>) -> u8;
    }

    #[async_trait(?Send)]
    impl Local for u8 {
        #[span("boxed_traits:local")]
        async fn method(&self, shared: Rc<Cell<u8>>) -> u8 {
            tokio::task::yield_now().await;
            shared.get() + self
        }
    }

    pub(crate) struct Wrapper<'a, T, const N: usize>(pub(crate) &'a [T; N]);

    #[async_trait]
    pub(crate) trait Pick<T> {
        async fn pick(&self, at: usize) -> Option<&T>;
    }

    #[async_trait]
    impl<'a, T, const N: usize> Pick<T> for Wrapper<'a, T, N>
    where
        T: Sync,
    {
        #[span("boxed_traits:pick")]
        async fn pick(&self, at: usize) -> Option<&T> {
            let found = self.0.get(at)?;
            Some(found)
        }
    }

    pub(crate) struct Native(pub(crate) u8);

    pub(crate) trait NativeAsync {
        fn required(&self, by: u8) -> impl Future<Output = u8> + Send;

        #[span("boxed_traits:native_default")]
        fn provided(&self, by: u8) -> impl Future<Output = u8> + Send
        where
            Self: Sync,
        {
            async move { self.required(by).await + 1 }
        }
    }

    impl NativeAsync for Native {
        #[span("boxed_traits:native")]
        async fn required(&self, by: u8) -> u8 {
            tokio::task::yield_now().await;
            self.0 * by
        }
    }
}

alike! {
    fn methods_behave_alike(twin) {
        use twin::Tool as _;
        wait(async {
            let mut echo = twin::Echo { name: "!".to_owned(), calls: 1 };
            let mut items = Vec::new();
            echo.unit(None, &mut items).await;
            (
                (echo.call("a").await, echo.call("").await, echo.twice("b").await, echo.twice("").await),
                (echo.count(2).await, echo.count(3).await),
                echo.generic(&Some(1)).await,
                echo.longest("left", "right side").await.to_owned(),
                <twin::Echo as twin::Tool>::without_self(1, 2).await,
                echo.not_async("four"),
                Arc::new(echo.clone()).of_arc("?").await,
                Box::new(echo).into_name().await,
                items,
            )
        })
    }

    fn trait_objects_behave_alike(twin) {
        use twin::Local as _;
        wait(async {
            let name = "o".to_owned();
            let mut tools: Vec<Box<dyn twin::Tool>> = vec![Box::new(twin::Echo { name, calls: 0 })];
            let mut texts = Vec::new();
            for tool in &mut tools {
                texts.push(tool.twice("x").await);
                texts.push(Ok(tool.count(4).await.to_string()));
            }
            for tool in tools {
                texts.push(Ok(tool.into_name().await));
            }
            (texts, 3_u8.default_method(Rc::new(Cell::new(4))).await)
        })
    }

    fn generic_impls_and_native_methods_behave_alike(twin) {
        use twin::{NativeAsync as _, Pick as _};
        wait(async {
            let wrapper = twin::Wrapper(&['a', 'b']);
            let picked = (wrapper.pick(1).await.copied(), wrapper.pick(2).await.copied());
            (picked, twin::Native(3).required(2).await, twin::Native(3).provided(2).await)
        })
    }
}

#[test]
fn futures_of_boxed_trait_methods_can_be_spawned() {
    use spanned::Tool as _;
    let text = wait(async {
        let echo = spanned::Echo { name: "!".to_owned(), calls: 0 };
        tokio::spawn(async move { echo.twice("a").await }).await
    });
    assert_eq!(text.ok(), Some(Ok("a!!".to_owned())));
}
