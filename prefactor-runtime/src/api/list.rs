//! Lists, page by page.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::call::Call;
use crate::api::connection::Connection;
use crate::api::fields::Query;
use crate::types::error::Error;

type Fetch<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send>>;

/// The objects of a list, fetched a page at a time as they are asked for.
///
/// It is a `Stream`, for those who have its adapters, and has [`next`](List::next) for those who do not. After an error it is at
/// its end. Objects that are made or deleted meanwhile may be left out or come twice, for the API counts from the beginning;
/// sorted by `id`, those that are made meanwhile come last.
///
/// # Examples
///
/// ```no_run
/// # async fn names(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
/// use prefactor::api::AgentFilter;
///
/// let mut agents = api.agents().list(AgentFilter::new());
/// while let Some(agent) = agents.next().await {
///     println!("{}", agent?.name);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "it does nothing until it is polled"]
pub struct List<T> {
    connection: Arc<Connection>,
    what: &'static str,
    path: &'static str,
    query: Query,
    ready: VecDeque<T>,
    total: Option<u64>,
    state: State<T>,
}

enum State<T> {
    /// The page that begins there comes next.
    At(u64),
    Fetching(u64, Fetch<T>),
    End,
}

struct Page<T> {
    summaries: Vec<T>,
    pagination: Option<Pagination>,
}

#[derive(Default, Deserialize)]
struct Pagination {
    item_count: Option<u64>,
    next_page_offset: Option<u64>,
}

impl<T> List<T> {
    pub(super) fn new(
        connection: &Arc<Connection>,
        what: &'static str,
        path: &'static str,
        mut query: Query,
    ) -> Self {
        if query.0.iter().all(|(name, _)| *name != "pagination[page_size]") {
            query.set("pagination[page_size]", "100");
        }
        let connection = Arc::clone(connection);
        Self { connection, what, path, query, ready: VecDeque::new(), total: None, state: State::At(0) }
    }

    /// How many objects the whole list has. `None` before the first page, and where the API does not say so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Takes over a page, and says where the next one begins.
    fn take(&mut self, offset: u64, page: Page<T>) -> State<T> {
        self.ready.extend(page.summaries);
        let pagination = page.pagination.unwrap_or_default();
        self.total = pagination.item_count.or(self.total);
        match pagination.next_page_offset {
            Some(next) if next > offset => State::At(next),
            _ => State::End,
        }
    }
}

impl<T: DeserializeOwned + Send + Unpin + 'static> List<T> {
    /// The next object, `None` at the end.
    ///
    /// # Errors
    ///
    /// As all requests: see [`prefactor::api`](crate::api#errors). Nothing comes after an error.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a page that was asked for is taken by the next call.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// The first error; objects that came before it are dropped.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn names(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::AgentFilter;
    ///
    /// let mut agents = api.agents().list(AgentFilter::new().page_size(20).sorted_by("name", false));
    /// if let Some(first) = agents.next().await {
    ///     println!("{} is the first of {:?}", first?.name, agents.total());
    /// }
    /// println!("and {} more", agents.all().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(object) = self.next().await {
            all.push(object?);
        }
        Ok(all)
    }

    fn fetch(&self, offset: u64) -> Fetch<T> {
        let mut query = self.query.clone();
        query.set("pagination[offset]", offset.to_string());
        let (connection, call) =
            (Arc::clone(&self.connection), Call::get(self.what, query.behind(self.path)));
        Box::pin(async move {
            let mut answer = connection.send(&call).await?;
            Ok(Page { summaries: answer.member("summaries")?, pagination: answer.optional("pagination")? })
        })
    }
}

impl<T: DeserializeOwned + Send + Unpin + 'static> Stream for List<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(object) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(object)));
            }
            self.state = match &mut self.state {
                State::End => return Poll::Ready(None),
                State::At(offset) => {
                    let offset = *offset;
                    State::Fetching(offset, self.fetch(offset))
                }
                State::Fetching(offset, page) => {
                    let (offset, page) = (*offset, ready!(page.as_mut().poll(context)));
                    match page {
                        Ok(page) => self.take(offset, page),
                        Err(error) => {
                            self.state = State::End;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
            };
        }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("List")
            .field("path", &self.path)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
