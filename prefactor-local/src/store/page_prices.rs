//! The price table, which the user enters: the price of a million tokens of each model.

use serde::{Deserialize, Serialize};

use super::work::{Reader, Work};
use crate::error_response::ErrorResponse;

/// The price of the models whose names begin with `model`, in US dollars for a million tokens.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(crate) struct Price {
    pub(crate) model: String,
    pub(crate) input: f64,
    /// The price of input from a cache; that of other input where it is absent.
    pub(crate) cached: Option<f64>,
    pub(crate) output: f64,
    /// The day on which the user looked the price up, as `YYYY-MM-DD`.
    pub(crate) as_of: String,
}

impl Reader<'_> {
    pub(crate) fn prices(&self) -> Result<Vec<Price>, ErrorResponse> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT model, input, cached, output, as_of FROM price ORDER BY model")?;
        let prices = statement
            .query_map((), |row| {
                Ok(Price {
                    model: row.get("model")?,
                    input: row.get("input")?,
                    cached: row.get("cached")?,
                    output: row.get("output")?,
                    as_of: row.get("as_of")?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(prices)
    }
}

impl Work<'_> {
    /// Replaces the whole table. Of two prices for one model the later one counts.
    pub(crate) fn set_prices(&mut self, prices: &[Price]) -> Result<(), ErrorResponse> {
        self.atomically(|work| {
            work.sql.execute("DELETE FROM price", ())?;
            let mut insert = work.sql.prepare_cached(
                "INSERT OR REPLACE INTO price (model, input, cached, output, as_of) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for price in prices {
                insert.execute((&price.model, price.input, price.cached, price.output, &price.as_of))?;
            }
            Ok(())
        })
    }
}
