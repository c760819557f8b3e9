//! Lists: their rows, their order, and their pages.

use rusqlite::{Row, params_from_iter, types::Value};
use serde::Serialize;

use super::work::Reader;
use crate::error_response::ErrorResponse;

/// A kind of row that can be listed, with the columns that may order it.
#[derive(Debug)]
pub(crate) struct Rows {
    /// `SELECT … FROM …` of whole rows.
    pub(super) select: &'static str,
    /// `SELECT count(*) FROM …` of the same rows.
    pub(super) count: &'static str,
    /// The names that the API accepts, each with its column. Only these columns reach `ORDER BY`.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// The column of the identifier, which settles ties.
    pub(super) id: &'static str,
}

/// The fields by which some list of the API can be sorted. A list whose rows lack one is sorted by age instead, because
/// clients send their user's choice to every list.
const ANY_FIELD: [&str; 10] = [
    "id",
    "last_seen",
    "status",
    "title",
    "timestamp",
    "started_at",
    "finished_at",
    "email",
    "name",
    "external_identifier",
];

impl Rows {
    pub(crate) fn order(&'static self, field: &str, direction: Order) -> Option<Sorted> {
        let own = self.fields.iter().find(|(name, _)| *name == field).copied();
        let any = || ANY_FIELD.into_iter().find(|name| *name == field).map(|name| (name, self.id));
        let (field, column) = own.or_else(any)?;
        Some(Sorted { field, direction, column })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    Asc,
    Desc,
}

impl Order {
    fn as_sql(self) -> &'static str {
        match self {
            Self::Asc => " ASC",
            Self::Desc => " DESC",
        }
    }
}

/// An order that has passed the allow-list.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sorted {
    field: &'static str,
    direction: Order,
    #[serde(skip)]
    column: &'static str,
}

/// Conditions that all must hold; the values are bound, never written into the statement.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    /// Adds the condition that `column` is `value`, or that it is empty where the value is the text `null`.
    pub(crate) fn and_is(mut self, column: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
            self.sql.push_str(column);
            self.sql.push_str(" IS ?");
            self.values.push(if value == "null" { Value::Null } else { value.into() });
        }
        self
    }

    /// Adds `condition`, which holds one `?`, if there is a value to compare with.
    pub(crate) fn and(mut self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
            self.sql.push_str(condition);
            self.values.push(value.into());
        }
        self
    }
}

/// The requested part of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) offset: u32,
    pub(crate) size: u32,
}

/// The place of a page in its list. Offsets count items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Pagination {
    item_count: u32,
    item_start: u32,
    item_end: u32,
    next_page_offset: Option<u32>,
    previous_page_offset: Option<u32>,
    page_count: u32,
    page_index: u32,
    page_offset: u32,
    page_size: u32,
}

impl Pagination {
    /// Returns the page of a list without items.
    pub(crate) fn of_nothing(page: Page) -> Self {
        Self::new(page, 0)
    }

    fn new(page: Page, item_count: u32) -> Self {
        let Page { offset, size } = page;
        let end = offset.saturating_add(size).min(item_count);
        let empty = offset >= item_count;
        Self {
            item_count,
            item_start: if empty { 0 } else { offset + 1 },
            item_end: if empty { 0 } else { end },
            next_page_offset: (!empty && end < item_count).then_some(end),
            previous_page_offset: (offset > 0).then(|| offset.saturating_sub(size)),
            page_count: item_count.div_ceil(size),
            page_index: offset / size + 1,
            page_offset: offset,
            page_size: size,
        }
    }
}

impl Reader<'_> {
    pub(crate) fn count(&self, rows: &Rows, filter: &Filter) -> Result<u32, ErrorResponse> {
        let count = [rows.count, &filter.sql].concat();
        let mut statement = self.sql.prepare_cached(&count)?;
        Ok(statement.query_row(params_from_iter(&filter.values), |row| row.get(0))?)
    }

    pub(crate) fn list<T>(
        &self,
        rows: &Rows,
        filter: Filter,
        sorted: Sorted,
        page: Page,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<(Vec<T>, Pagination), ErrorResponse> {
        let count = self.count(rows, &filter)?;
        let Filter { sql, mut values } = filter;
        let direction = sorted.direction.as_sql();
        let select = [
            rows.select,
            &sql,
            " ORDER BY ",
            sorted.column,
            direction,
            ", ",
            rows.id,
            direction,
            " LIMIT ? OFFSET ?",
        ]
        .concat();
        values.extend([Value::from(page.size), Value::from(page.offset)]);
        let mut statement = self.sql.prepare_cached(&select)?;
        let items = statement.query_map(params_from_iter(&values), read)?.collect::<Result<_, _>>()?;
        Ok((items, Pagination::new(page, count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(offset: u32, size: u32, items: u32) -> (u32, u32, Option<u32>, Option<u32>, u32, u32) {
        let p = Pagination::new(Page { offset, size }, items);
        (p.item_start, p.item_end, p.previous_page_offset, p.next_page_offset, p.page_index, p.page_count)
    }

    #[test]
    fn page_knows_its_neighbours_by_item_offset() {
        assert_eq!(pages(0, 2, 5), (1, 2, None, Some(2), 1, 3));
        assert_eq!(pages(2, 2, 5), (3, 4, Some(0), Some(4), 2, 3));
        assert_eq!(pages(4, 2, 5), (5, 5, Some(2), None, 3, 3));
        assert_eq!(pages(1, 2, 5), (2, 3, Some(0), Some(3), 1, 3));
    }

    #[test]
    fn page_outside_of_its_list_has_no_items_and_no_next_page() {
        assert_eq!(pages(0, 10, 0), (0, 0, None, None, 1, 0));
        assert_eq!(pages(u32::MAX, 2, 5).1, 0);
        assert_eq!(pages(u32::MAX, 2, 5).3, None);
    }
}
