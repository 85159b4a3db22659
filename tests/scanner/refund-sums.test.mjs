// The desk's twin of the refund's sums against the vectors that the server's rule runs too.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { feeOf, moneyText } from "../../static/src/desk/sums.js";

const vectors = JSON.parse(await readFile(new URL("../vectors/refund.json", import.meta.url), "utf8"));

test("fees", () => {
  for (const { typed, policy, fee } of vectors.fees) assert.equal(feeOf(typed, policy), fee, typed);
});

test("amounts", () => {
  for (const { minor, text } of vectors.amounts) assert.equal(moneyText(minor), text);
});
