// The longest entry that begins the model's name counts: dated releases cost what their family costs.
export function priceOf(model, prices) {
  let best = null;
  for (const price of prices) {
    if (!price.model || !model?.toLowerCase().startsWith(price.model.toLowerCase())) continue;
    if (!best || price.model.length > best.model.length) best = price;
  }
  return best;
}

// Returns dollars, or null where no price is known. Cached tokens are part of the input.
export function costOf({ model, input, output, cached, cost }, prices) {
  if (cost !== null && cost !== undefined) return cost;
  const price = priceOf(model, prices);
  if (!price || (input === null && output === null)) return null;
  const fresh = Math.max(0, (input ?? 0) - (cached ?? 0));
  return (fresh * price.input + (cached ?? 0) * (price.cached ?? price.input) + (output ?? 0) * price.output) / 1_000_000;
}

// `isComplete` is false where a price is missing.
export function sumUsage(groups, prices) {
  const sum = { input: 0, output: 0, cached: 0, cost: null, isComplete: true };
  for (const group of groups) {
    sum.input += group.input ?? 0;
    sum.output += group.output ?? 0;
    sum.cached += group.cached ?? 0;
    const cost = costOf(group, prices);
    if (cost !== null) sum.cost = (sum.cost ?? 0) + cost;
    else if (group.input || group.output) sum.isComplete = false;
  }
  return sum;
}
