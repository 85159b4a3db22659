/** The camera when the page is hidden and seen again before it has started, as when a phone is unlocked. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Eye } from "../../scanner/src/eye.js";

/** A stream whose tracks know whether they were let go of. */
function newStream() {
  const track = { stopped: false, stop: () => (track.stopped = true), addEventListener() {} };
  return { track, getVideoTracks: () => [track], getTracks: () => [track] };
}

/** A video that plays when it is told to, and fails as browsers do when its stream is taken away before. */
class Video {
  #waiting = [];
  #stream = null;
  setAttribute() {}
  get srcObject() {
    return this.#stream;
  }
  set srcObject(stream) {
    this.#stream = stream;
    for (const { reject } of this.#waiting.splice(0)) reject(new DOMException("interrupted", "AbortError"));
  }
  play() {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
  go() {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

const settled = () => new Promise((go) => setTimeout(go, 5));
let asked, told, video, eye;

beforeEach(() => {
  asked = [];
  told = [];
  video = new Video();
  globalThis.document = {
    hidden: false,
    baseURI: "http://door/scanner/",
    createElement: (name) => (name === "video" ? video : { getContext: () => null }),
  };
  globalThis.Worker = class {};
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: {
      mediaDevices: {
        getUserMedia: () => new Promise((resolve, reject) => asked.push({ resolve, reject, stream: newStream() })),
      },
    },
  });
  eye = new Eye({ mayLook: () => false, onCode() {}, onCamera: (lost) => told.push(lost), onChange() {} });
});

async function hideAndSee() {
  document.hidden = true;
  eye.pageSeenOrHidden();
  document.hidden = false;
  eye.pageSeenOrHidden();
  await settled();
}

async function handOver(number) {
  asked[number].resolve(asked[number].stream);
  await settled();
}

test("hidden while the picture was about to come: the second start gets the camera", async () => {
  void eye.start();
  await handOver(0);
  await hideAndSee();
  await handOver(1);
  video.go();
  await settled();
  assert.equal(asked[0].stream.track.stopped, true);
  assert.equal(asked[1].stream.track.stopped, false);
  assert.equal(eye.camera.running, true);
  assert.deepEqual(told, [false]);
  eye.stop();
});

test("hidden while the phone was still asked for its camera: refused then, it is not lost now", async () => {
  void eye.start();
  await hideAndSee();
  asked[0].reject(new DOMException("in use", "NotReadableError"));
  await settled();
  await handOver(1);
  video.go();
  await settled();
  assert.equal(eye.camera.running, true);
  assert.deepEqual(told, [false]);
  eye.stop();
});

test("a camera that is refused is told of", async () => {
  void eye.start();
  await settled();
  asked[0].reject(new DOMException("forbidden", "NotAllowedError"));
  await settled();
  assert.equal(eye.camera.running, false);
  assert.deepEqual(told, [true]);
});
