import { Camera } from "./camera.js";
import { Decoder } from "./decoder.js";
import { Looking } from "./looking.js";

/** Camera, decoder and loop as one: what sees the codes. */
export class Eye {
  /** Nothing happened for a minute; a tap wakes it. */
  asleep = false;
  torchOn = false;
  /** Whether the scan screen wants the camera, seen or hidden. */
  #wanted = false;
  /** @type {Looking | null} made with the first start, since it loads the reader */
  #looking = null;

  /**
   * @param {object} parts
   * @param {() => boolean} parts.mayLook
   * @param {(text: string) => void} parts.onCode
   * @param {(lost: boolean) => void} parts.onCamera told when the camera is lost or found again
   * @param {() => void} parts.onChange
   */
  constructor({ mayLook, onCode, onCamera, onChange }) {
    this.mayLook = mayLook;
    this.onCode = onCode;
    this.onCamera = onCamera;
    this.onChange = onChange;
    this.video = document.createElement("video");
    this.video.className = "cam__video";
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-hidden", "true");
    this.camera = new Camera(this.video, () => this.onCamera(true));
  }

  async start() {
    this.#wanted = true;
    if (document.hidden || this.camera.running) return;
    try {
      await this.camera.start();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.camera.stop();
      return this.onCamera(true);
    }
    if (!this.camera.running) return;
    this.torchOn = false;
    this.onCamera(false);
    this.wake();
  }

  stop() {
    this.#wanted = false;
    this.#rest();
  }

  /** A hidden page gives the camera back; a seen one takes it again. */
  pageSeenOrHidden() {
    if (document.hidden) this.#rest();
    else if (this.#wanted) void this.start();
  }

  /** Something happened at the door: the minute until sleep starts anew. */
  stir() {
    if (this.camera.running) this.wake();
  }

  wake() {
    this.#looking ??= this.#makeLooking();
    this.#looking.wake();
    this.asleep = false;
    this.onChange();
  }

  /** Lets the code in view be read again at once. */
  forget() {
    this.#looking?.sightings.forget();
  }

  async toggleTorch() {
    this.torchOn = !this.torchOn;
    await this.camera.setTorch(this.torchOn);
    this.onChange();
  }

  #rest() {
    this.#looking?.stop();
    this.camera.stop();
    this.torchOn = false;
  }

  #makeLooking() {
    return new Looking({
      camera: this.camera,
      decoder: new Decoder(new URL("dist/decode-worker.js", document.baseURI)),
      mayLook: () => this.camera.running && this.mayLook(),
      onCode: this.onCode,
      onSleep: () => {
        this.asleep = true;
        this.onChange();
      },
      onFault: () => {
        // A reader that cannot be loaded is for the usher a camera that is not there; the button loads it anew.
        this.#looking = null;
        this.camera.stop();
        this.onCamera(true);
      },
    });
  }
}
