/**
 * Reads QR codes off the page's thread. Takes `{width, height, data}` of RGBA pixels, answers with
 * `{text}`, null when there is no code, or with `{error}` when the reader cannot be loaded.
 */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

/** @type {import("zxing-wasm/reader").ReaderOptions} */
const OPTIONS = {
  formats: ["QRCode"],
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  maxNumberOfSymbols: 1,
};

// The package's own address is a foreign host; the reader lies beside this file.
const ready = prepareZXingModule({
  overrides: {
    locateFile: (/** @type {string} */ path) =>
      new URL(path.endsWith(".wasm") ? "zxing_reader.wasm" : path, self.location.href).href,
  },
  fireImmediately: true,
});

self.addEventListener("message", async ({ data: { width, height, data } }) => {
  try {
    await ready;
    const [found] = await readBarcodes(new ImageData(new Uint8ClampedArray(data), width, height), OPTIONS);
    self.postMessage({ text: found?.isValid ? found.text : null });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
});
