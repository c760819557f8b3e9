//! Tokens and costs of a run by model, as the API breaks them down.

use super::{page_prices::Price, page_sums::COUNTED, work::Reader};
use crate::{
    error_response::ErrorResponse,
    model::{CostBreakdown, Costs, ModelCosts},
};

impl Reader<'_> {
    /// Sums up the usage of a run's spans, at the prices that the user entered. A model without a price costs 0.
    pub(super) fn costs(&self, instance: &str) -> Result<CostBreakdown, ErrorResponse> {
        let prices = self.prices()?;
        // Clients count cached tokens within the input; the breakdown counts them apart.
        let mut statement = self.sql.prepare_cached(&[
            COUNTED,
            " SELECT model, sum(max(coalesce(input, 0) - coalesce(cached, 0), 0)), sum(coalesce(output, 0)),
                 sum(coalesce(cached, 0))
             FROM counted GROUP BY model ORDER BY model",
        ].concat())?;
        let groups = statement.query_map([instance], |row| {
            let model_name: Option<String> = row.get(0)?;
            let tokens = Costs {
                input: row.get(1)?,
                output: row.get(2)?,
                cache_read: row.get(3)?,
                ..Costs::default()
            };
            let costs = at_price(tokens, price_of(&prices, model_name.as_deref()));
            Ok(ModelCosts { provider: None, model_name, context_limit: None, costs })
        })?;
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let total = groups.iter().fold(Costs::default(), |sum, group| sum.plus(&group.costs));
        Ok(CostBreakdown { total, groups })
    }
}

/// Finds the price with the longest name that the model's name begins with, in any case of letters, as the page does.
fn price_of<'a>(prices: &'a [Price], model: Option<&str>) -> Option<&'a Price> {
    let model = model?.to_lowercase();
    let of_model = prices.iter().filter(|price| model.starts_with(&price.model.to_lowercase()));
    of_model.max_by_key(|price| price.model.len())
}

fn at_price(tokens: Costs, price: Option<&Price>) -> Costs {
    let Some(price) = price else { return tokens };
    #[expect(clippy::cast_precision_loss, reason = "a number of tokens is far below 2^52")]
    let cost = |tokens: i64, dollars: f64| tokens as f64 * dollars / 1e6;
    let input_cost = cost(tokens.input, price.input);
    let output_cost = cost(tokens.output, price.output);
    let cache_read_cost = cost(tokens.cache_read, price.cached.unwrap_or(price.input));
    let total_cost = input_cost + output_cost + cache_read_cost;
    Costs { input_cost, output_cost, cache_read_cost, total_cost, ..tokens }
}

impl Costs {
    fn plus(self, other: &Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            cache_read: self.cache_read + other.cache_read,
            input_cost: self.input_cost + other.input_cost,
            output_cost: self.output_cost + other.output_cost,
            cache_read_cost: self.cache_read_cost + other.cache_read_cost,
            total_cost: self.total_cost + other.total_cost,
        }
    }
}
