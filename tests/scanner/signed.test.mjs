// Signed codes: the shared vectors, by the browser's cryptography and by the file that stands in for it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";

import { readSigned, verifyByBrowser, verifyByFile } from "../../scanner/src/signatures.js";
import { fromBase45 } from "../../scanner/src/signed-codes.js";

const { base45, not_base45: notBase45, keys, made, others } = JSON.parse(
  readFileSync(new URL("../vectors/signed.json", import.meta.url), "utf8"),
);

test("base45", () => {
  for (const { hex, text } of base45) assert.equal(Buffer.from(fromBase45(text)).toString("hex"), hex);
  for (const text of notBase45) assert.equal(fromBase45(text), null, text);
});

for (const [name, verify] of Object.entries({ "the browser's own": verifyByBrowser, "the file": verifyByFile })) {
  test(`what the keys have signed, by ${name}`, async () => {
    for (const { name: what, code, serial, screening, revision, card } of made) {
      const said = { standing: "good", statement: { serial, screening, revision, card } };
      assert.deepEqual(await readSigned(code, keys, verify), said, what);
    }
    for (const { name: what, code, standing } of others) {
      assert.deepEqual(await readSigned(code, keys, verify), { standing, statement: null }, what);
    }
  });

  test(`no flipped bit is believed, by ${name}`, async () => {
    const good = fromBase45(made[0].code.slice(2));
    for (let bit = 0; bit < good.length * 8; bit += 13) {
      const bytes = Uint8Array.from(good);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      const { standing } = await readSigned(`K2${base45Of(bytes)}`, keys, verify);
      assert.notEqual(standing, "good", `bit ${bit}`);
    }
  });
}

test("a browser without Ed25519 takes the file", async () => {
  const without = mock.method(crypto.subtle, "importKey", async () => {
    throw new DOMException("Unrecognized name.", "NotSupportedError");
  });
  const { standing } = await readSigned(made[0].code, keys);
  assert.equal(standing, "good");
  assert.equal((await readSigned(others[0].code, keys)).standing, "bad_signature");
  assert.equal(without.mock.callCount(), 2);
  without.mock.restore();
});

function base45Of(bytes) {
  const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = bytes[i] * 256 + bytes[i + 1];
    text += letters[pair % 45] + letters[Math.floor(pair / 45) % 45] + letters[Math.floor(pair / 2025)];
  }
  return text;
}
