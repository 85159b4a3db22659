// PINs of a day: the shared vectors, and a phone that locks itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Memory } from "../../scanner/src/memory.js";
import { Pins, isPin } from "../../scanner/src/pins.js";

const { pins: VECTORS } = JSON.parse(readFileSync(new URL("../vectors/pins.json", import.meta.url), "utf8"));
const [, VECTOR] = VECTORS; // the quick one
const DAY = "2024-11-25";

function phonePins() {
  const kept = new Map();
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
    removeItem: (name) => kept.delete(name),
  };
  const clock = { now: 1_000_000 };
  const make = () =>
    new Pins({
      store: { state: { pins: { [DAY]: { usher: VECTOR, supervisor: VECTORS[2] } } } },
      memory: new Memory(storage, () => assert.fail("storage is not full")),
      now: () => clock.now,
    });
  return { pins: make(), make, clock };
}

test("PINs are checked as the server makes them", async () => {
  for (const vector of VECTORS) {
    assert.equal(await isPin(vector.pin, vector), true);
    assert.equal(await isPin(`${vector.pin}0`, vector), false);
  }
});

test("an usher says once a day who he is; a day without a PIN asks nobody", async () => {
  const { pins, make } = phonePins();
  assert.equal(pins.wantsUsher(DAY), true);
  assert.equal(pins.wantsUsher("2024-11-26"), false);
  assert.equal(await pins.try("usher", DAY, "123 456"), true);
  assert.equal(make().wantsUsher(DAY), false);
});

test("each role has its own PIN", async () => {
  const { pins } = phonePins();
  assert.equal(await pins.try("supervisor", DAY, VECTOR.pin), false);
  assert.equal(await pins.try("supervisor", DAY, VECTORS[2].pin), true);
  assert.equal(await pins.try("supervisor", "2024-11-26", VECTORS[2].pin), false);
});

test("wrong PINs lock the phone, longer each time, also over a restart", async () => {
  const { pins, make, clock } = phonePins();
  for (let i = 0; i < 3; i++) assert.equal(await pins.try("usher", DAY, "000000"), false);
  assert.equal(pins.lockedUntil, clock.now + 30_000);
  assert.equal(await make().try("usher", DAY, VECTOR.pin), false);
  clock.now += 30_000;
  assert.equal(await pins.try("usher", DAY, "000001"), false);
  assert.equal(pins.lockedUntil, clock.now + 60_000);
  clock.now += 60_000;
  assert.equal(await make().try("usher", DAY, VECTOR.pin), true);
  assert.equal(pins.lockedUntil, 0);
});
