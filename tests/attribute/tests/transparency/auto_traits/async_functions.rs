//! The futures of async functions.

use std::cell::Cell;
use std::error::Error;
use std::rc::Rc;

use prefactor_attribute::{alike, twins, wait};

use super::questions::{AutoTraits, Otherwise as _, ask, auto_traits, table};

twins! {
    #[span("auto:owned")]
    pub(crate) async fn owned(text: String) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("auto:rc")]
    pub(crate) async fn rc(shared: Rc<u8>) -> u8 {
        tokio::task::yield_now().await;
        *shared
    }

    #[span("auto:cell")]
    pub(crate) async fn cell(cell: Cell<u8>) -> u8 {
        tokio::task::yield_now().await;
        cell.get()
    }

    #[span("auto:local_rc")]
    pub(crate) async fn local_rc(number: u8) -> u8 {
        let shared = Rc::new(number);
        tokio::task::yield_now().await;
        *shared
    }

    #[span("auto:local_cell")]
    pub(crate) async fn local_cell(number: u8) -> u8 {
        let cell = Cell::new(number);
        tokio::task::yield_now().await;
        cell.get()
    }

    #[span("auto:mutable")]
    pub(crate) async fn mutable(number: &mut u8) -> u8 {
        tokio::task::yield_now().await;
        *number
    }

    #[span("auto:dynamic")]
    pub(crate) async fn dynamic(error: &(dyn Error + Send + Sync)) -> String {
        tokio::task::yield_now().await;
        error.to_string()
    }

    #[span("auto:generic")]
    pub(crate) async fn generic<T>(value: T) -> T {
        tokio::task::yield_now().await;
        value
    }

    #[span("auto:generic_reference")]
    pub(crate) async fn generic_reference<T: ?Sized>(value: &T) -> usize {
        tokio::task::yield_now().await;
        size_of_val(value)
    }

    #[span("auto:argument")]
    pub(crate) async fn argument(value: impl Into<u64>) -> u64 {
        tokio::task::yield_now().await;
        value.into()
    }

    #[span("auto:fallible")]
    pub(crate) async fn fallible(number: u8) -> Result<u8, Box<dyn Error>> {
        tokio::task::yield_now().await;
        if number == 0 {
            Err("zero")?;
        }
        Ok(number)
    }

    #[span("auto:opaque_value")]
    pub(crate) async fn opaque_value(number: u8) -> impl Copy + Into<u64> {
        number
    }

    #[span(
        "auto:options",
        skip_all,
        fields(size = text.len()),
        name = "options",
        root,
        ret(debug),
        fail_when = |size| *size == 9
    )]
    pub(crate) async fn with_options(text: String) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("auto:err", err(with = ToString::to_string))]
    pub(crate) async fn with_err(number: u8) -> Result<u8, std::fmt::Error> {
        tokio::task::yield_now().await;
        Ok(number)
    }
}

alike! {
    fn auto_traits_of_async_functions_are_the_same(twin) {
        let (number, count) = (Cell::new(1_u8), Rc::new(1_u8));
        table! {
            twin::owned(String::new());
            twin::rc(Rc::clone(&count));
            twin::cell(Cell::new(1));
            twin::local_rc(1);
            twin::local_cell(1);
            twin::mutable(&mut 1);
            twin::dynamic(&std::fmt::Error);
            twin::fallible(1);
            twin::opaque_value(1);
            twin::with_options(String::new());
            twin::with_err(1);
            twin::generic(1);
            twin::generic(&number);
            twin::generic(Rc::clone(&count));
            twin::generic(Box::new(|| ()) as Box<dyn Fn() + Send>);
            twin::generic_reference(&1);
            twin::generic_reference(&number);
            twin::argument(1_u8);
        }
    }

    fn async_functions_behave_alike(twin) {
        wait(async {
            (
                (twin::owned("a".to_owned()).await, twin::rc(Rc::new(1)).await),
                (twin::cell(Cell::new(1)).await, twin::local_rc(1).await, twin::local_cell(1).await),
                (twin::mutable(&mut 1).await, twin::dynamic(&std::fmt::Error).await),
                twin::fallible(0).await.map_err(|error| error.to_string()),
                (twin::generic(1).await, twin::generic_reference(&1_u8).await, twin::argument(1_u8).await),
                (twin::with_options("a".to_owned()).await, twin::with_err(1).await),
            )
        })
    }
}
