import { Sightings } from "./sightings.js";

const IDLE_MS = 60_000;
const BETWEEN_PICTURES_MS = 60;

/**
 * The camera loop: picture after picture to the decoder, and each new code to `onCode`. It looks only while
 * `mayLook` says so, and goes to sleep when nothing has happened for a minute.
 */
export class Looking {
  sightings = new Sightings();
  #running = false;
  #awakeSince = 0;

  /**
   * @param {object} parts
   * @param {import("./camera.js").Camera} parts.camera
   * @param {import("./decoder.js").Decoder} parts.decoder
   * @param {() => boolean} parts.mayLook false behind a card, a dialog or a hidden page
   * @param {(text: string) => void} parts.onCode
   * @param {() => void} parts.onSleep
   * @param {() => void} parts.onFault the reader cannot be loaded
   */
  constructor({ camera, decoder, mayLook, onCode, onSleep, onFault }) {
    this.camera = camera;
    this.decoder = decoder;
    this.mayLook = mayLook;
    this.onCode = onCode;
    this.onSleep = onSleep;
    this.onFault = onFault;
  }

  /** Starts or wakes the loop. */
  wake() {
    this.#awakeSince = performance.now();
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop() {
    this.#running = false;
  }

  async #run() {
    while (this.#running) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_PICTURES_MS));
      const now = performance.now();
      if (!this.mayLook()) {
        this.#awakeSince = now;
      } else if (now - this.#awakeSince > IDLE_MS) {
        this.#running = false;
        this.onSleep();
      } else {
        await this.#look();
      }
    }
  }

  async #look() {
    const picture = this.camera.picture();
    if (!picture) return;
    try {
      const text = await this.decoder.read(picture);
      // A card or a dialog may have come up while the picture was being read.
      if (!text || !this.#running || !this.mayLook()) return;
      this.#awakeSince = performance.now();
      if (this.sightings.isNew(text, this.#awakeSince)) this.onCode(text);
    } catch {
      this.#running = false;
      this.onFault();
    }
  }
}
