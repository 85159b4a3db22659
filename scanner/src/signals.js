/** Sound and vibration: each tone of a card is known in the dark by its own. */

/** @typedef {import("./card.js").Tone} Tone */

/** @type {Record<Tone, {beeps: {hertz: number, from: number, seconds: number}[], vibration: number[]}>} */
const SIGNALS = {
  ok: { beeps: [{ hertz: 1320, from: 0, seconds: 0.14 }], vibration: [60] },
  no: {
    beeps: [
      { hertz: 196, from: 0, seconds: 0.18 },
      { hertz: 165, from: 0.26, seconds: 0.26 },
    ],
    vibration: [160, 90, 160],
  },
  go: {
    beeps: [
      { hertz: 494, from: 0, seconds: 0.1 },
      { hertz: 740, from: 0.13, seconds: 0.16 },
    ],
    vibration: [60, 60, 60],
  },
  att: { beeps: [{ hertz: 587, from: 0, seconds: 0.32 }], vibration: [260] },
};
const LOUDNESS = 0.35;

export class Signals {
  /** @type {AudioContext | null} */
  #audio = null;

  /** Browsers let a page sound only after a touch or a key: call this from one. */
  unlock() {
    this.#audio ??= new AudioContext();
    if (this.#audio.state === "suspended") void this.#audio.resume();
  }

  /** @param {Tone} tone */
  give(tone) {
    const { beeps, vibration } = SIGNALS[tone];
    // Before the first touch browsers refuse it, and complain.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(vibration);
    if (this.#audio) for (const beep of beeps) this.#beep(this.#audio, beep);
  }

  /**
   * @param {AudioContext} audio
   * @param {{hertz: number, from: number, seconds: number}} beep
   */
  #beep(audio, { hertz, from, seconds }) {
    const start = audio.currentTime + from;
    const loudness = audio.createGain();
    loudness.gain.setValueAtTime(LOUDNESS, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + seconds);
    const tone = audio.createOscillator();
    tone.type = "triangle";
    tone.frequency.value = hertz;
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
