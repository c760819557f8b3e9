// A service on OpenTelemetry for JavaScript, with its W3C propagators. Prints one line of JSON for each call that it gets.
//
//     peer.mjs MODULES < CALLS   each line an object: {"headers": {…}, "set": {"key": "value"}?, "flags": number?}
//
// Prints what it reads of the caller, and the headers of a call that it makes itself within a span of its own.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, propagation, trace } = require('@opentelemetry/api');
const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = require('@opentelemetry/core');

const propagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});

function answer({ headers, set = {}, flags }) {
  const within = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const caller = trace.getSpanContext(within);
  if (caller === undefined) {
    return { caller: null };
  }
  let traceState = caller.traceState;
  for (const [key, value] of Object.entries(set)) {
    traceState = traceState?.set(key, value);
  }
  const own = { ...caller, isRemote: false, spanId: 'b7ad6b7169203331', traceFlags: flags ?? caller.traceFlags, traceState };
  const onward = {};
  propagator.inject(trace.setSpanContext(within, own), onward, defaultTextMapSetter);
  const baggage = Object.fromEntries(
    (propagation.getBaggage(within)?.getAllEntries() ?? []).map(([key, entry]) => [key, entry.value]),
  );
  return { caller: { ...caller, traceState: caller.traceState?.serialize() ?? null }, baggage, onward };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
