/** The page's end of the decoding worker: one picture at a time. */
export class Decoder {
  /** @param {URL} script */
  constructor(script) {
    this.worker = new Worker(script, { type: "module" });
  }

  /**
   * The text of the code in the picture, or null. Rejects when the reader cannot be loaded.
   *
   * @param {ImageData} picture its pixels move to the worker
   * @returns {Promise<string | null>}
   */
  read({ width, height, data }) {
    return new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data: answer }) =>
        "error" in answer ? reject(new Error(answer.error)) : resolve(answer.text);
      this.worker.onerror = (event) => reject(new Error(event.message));
      this.worker.postMessage({ width, height, data: data.buffer }, [data.buffer]);
    });
  }
}
