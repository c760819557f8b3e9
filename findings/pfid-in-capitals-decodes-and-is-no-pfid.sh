#!/usr/bin/env bash
# What happens: The official package for Prefactor's ids decodes an id in capitals to the same bytes as in small letters, and says of the same
#   text that it is no id: isPfid is false and extractPartition throws. An id that went through a system which writes it in capitals is one for
#   one function and none for its neighbour.
# The wrong guess: What decode takes, isPfid confirms; Crockford's base 32 has no case.
# Versions: @prefactor/pfid 0.1.0
# Seen:
#   small letters: decode works, isPfid true, partition 1
#   capitals: decode gives the same bytes true, isPfid false, extractPartition throws true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @prefactor/pfid@0.1.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { decode, extractPartition, generate, isPfid } from "@prefactor/pfid";

const id = generate(1);
const capitals = id.toUpperCase();
assert.notEqual(id, capitals);
const isSame = decode(capitals).equals(decode(id));
let isThrown = false;
try {
  extractPartition(capitals);
} catch {
  isThrown = true;
}
console.log(`small letters: decode works, isPfid ${isPfid(id)}, partition ${extractPartition(id)}`);
console.log(`capitals: decode gives the same bytes ${isSame}, isPfid ${isPfid(capitals)}, extractPartition throws ${isThrown}`);
assert.ok(isSame && isThrown && isPfid(id) && !isPfid(capitals));
assert.equal(extractPartition(id), 1);
JAVASCRIPT
node finding.mjs
