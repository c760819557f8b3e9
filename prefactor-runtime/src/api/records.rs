//! Objects that people administer: the five usual requests on each kind.

/// Declares the requests on a kind of object: to list, show, make, change and delete it.
macro_rules! records {
    (
        $(#[$doc:meta])*
        $group:ident: $object:ident, $new:ident, $change:ident, $filter:ident,
        $path:literal, $one:literal, $many:literal
    ) => {
        $crate::api::group::group! { $(#[$doc])* $group }

        impl $group<'_> {
            #[doc = concat!("Lists ", $many, ".")]
            pub fn list(&self, filter: $filter) -> $crate::api::list::List<$object> {
                $crate::api::list::List::new(self.connection, concat!("list ", $many), $path, filter.query)
            }

            #[doc = concat!("Shows ", $one, ".")]
            pub async fn get(&self, id: impl std::fmt::Display) -> Result<$object, $crate::types::error::Error> {
                let path = $crate::api::call::path_of($path, id, "");
                self.connection.details($crate::api::call::Call::get(concat!("show ", $one), path)).await
            }

            #[doc = concat!("Makes ", $one, ".")]
            pub async fn create(&self, new: $new) -> Result<$object, $crate::types::error::Error> {
                let body = new.fields.wrapped();
                let call = $crate::api::call::Call::each_time(concat!("create ", $one), $path, body);
                self.connection.details(call).await
            }

            #[doc = concat!("Changes ", $one, ".")]
            pub async fn update(
                &self,
                id: impl std::fmt::Display,
                change: $change,
            ) -> Result<$object, $crate::types::error::Error> {
                let path = $crate::api::call::path_of($path, id, "");
                let call = $crate::api::call::Call::put(concat!("update ", $one), path, &change.fields);
                self.connection.details(call).await
            }

            #[doc = concat!("Deletes ", $one, ".")]
            pub async fn delete(&self, id: impl std::fmt::Display) -> Result<(), $crate::types::error::Error> {
                let path = $crate::api::call::path_of($path, id, "");
                self.connection.done($crate::api::call::Call::delete(concat!("delete ", $one), path)).await
            }
        }
    };
}

pub(super) use records;
