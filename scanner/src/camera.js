/** @typedef {MediaTrackCapabilities & {torch?: boolean}} TorchCapabilities only some cameras have a lamp */

/** The phone's rear camera, shown in a video element and readable picture by picture. */
export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  /** Counts the starts, so that a slow one that was overtaken by a stop lets go of its stream. */
  #starts = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {() => void} onLost called when the camera is taken away
   */
  constructor(video, onLost) {
    this.video = video;
    this.onLost = onLost;
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  get running() {
    return this.#stream !== null;
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Whether the lamp can be switched. */
  get hasTorch() {
    const capabilities = /** @type {TorchCapabilities | undefined} */ (this.#track?.getCapabilities?.());
    return capabilities?.torch === true;
  }

  /**
   * Turns the camera on; throws a DOMException when it is forbidden, absent or in use. A start that a stop has
   * overtaken ends without a word: what became of it says nothing about the camera now.
   */
  async start() {
    const start = ++this.#starts;
    try {
      await this.#run(start);
    } catch (error) {
      if (start === this.#starts) throw error;
    }
  }

  /** @param {number} start */
  async #run(start) {
    if (!navigator.mediaDevices) throw new DOMException("no camera on an insecure page", "NotFoundError");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    if (start !== this.#starts) return release(stream);
    this.#stream = stream;
    this.#track?.addEventListener("ended", () => {
      if (this.#stream !== stream) return;
      this.stop();
      this.onLost();
    });
    this.video.srcObject = stream;
    await this.video.play();
  }

  stop() {
    this.#starts += 1;
    if (this.#stream) release(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** @param {boolean} on */
  async setTorch(on) {
    const lamp = /** @type {MediaTrackConstraintSet} */ (/** @type {object} */ ({ torch: on }));
    await this.#track?.applyConstraints({ advanced: [lamp] });
  }

  /** @returns {ImageData | null} the picture now in view; null while there is none */
  picture() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.running || !this.pen || width === 0) return null;
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    this.pen.drawImage(this.video, 0, 0);
    return this.pen.getImageData(0, 0, width, height);
  }
}

/** @param {MediaStream} stream */
function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}
