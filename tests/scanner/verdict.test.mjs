// The shared vectors, run against the scanner's rules; tests/unit runs the same against the server's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { inGroups, parse } from "../../scanner/src/codes.js";
import { judge, mayOverride } from "../../scanner/src/verdict.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const TIMES = ["starts_at", "doors_open", "doors_close", "admitted_at", "left_at", "since"];
const NOTHING = { attention: [], redirect: null, since: null, since_gate: null, since_device: null };

const verdicts = read("verdict.json");
const codes = read("codes.json");

const withTimes = (fact) =>
  Object.fromEntries(
    Object.entries(fact).map(([key, value]) => [key, TIMES.includes(key) && value ? Date.parse(value) : value]),
  );

/** Lays the case's fact over the base's, key by key. */
function given(vector, name) {
  const base = verdicts.base[name];
  const fact = name in vector.given ? vector.given[name] : base;
  const isObject = (value) => value !== null && typeof value === "object";
  return isObject(fact) && isObject(base) ? { ...base, ...fact } : fact;
}

function answer(vector) {
  const ticket = given(vector, "ticket");
  const screenings = Object.entries(given(vector, "screenings"));
  return judge({
    code: parse(given(vector, "code")),
    ticket: ticket && withTimes(ticket),
    gate: given(vector, "gate"),
    screenings: new Map(screenings.map(([code, fact]) => [code, withTimes(fact)])),
    at: Date.parse(given(vector, "at")),
    snapshot: given(vector, "snapshot"),
    direction: given(vector, "direction"),
    capacity: given(vector, "capacity"),
    signature: given(vector, "signature"),
  });
}

for (const vector of verdicts.cases) {
  test(`verdict: ${vector.name}`, () => {
    assert.deepEqual(answer(vector), { ...NOTHING, ...withTimes(vector.expect) });
  });
}

test("what a supervisor may override", () => {
  for (const [reason, may] of Object.entries(verdicts.may_override)) assert.equal(mayOverride(reason), may, reason);
});

for (const vector of codes.parse) {
  test(`code: ${vector.name}`, () => {
    assert.deepEqual(parse(vector.text), { kind: vector.kind, canonical: vector.canonical });
  });
}

for (const { code, shown } of codes.groups) {
  test(`groups: ${shown || "nothing"}`, () => assert.equal(inGroups(code), shown));
}
