/** A USB or Bluetooth scanner types its code faster than anybody, and ends it with Enter. */

// Bluetooth sends its keys in bursts, and a busy phone takes its time with each.
const LONGEST_GAP_MS = 150;
const SHORTEST_CODE = 8;

export class Wedge {
  #typed = "";
  #lastAt = 0;

  /** @param {(text: string) => void} onCode */
  constructor(onCode) {
    this.onCode = onCode;
  }

  /**
   * Takes a key pressed anywhere but in a field.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.timeStamp - this.#lastAt > LONGEST_GAP_MS) this.#typed = "";
    this.#lastAt = event.timeStamp;
    if (event.key === "Enter" && this.#typed.length >= SHORTEST_CODE) {
      // Else the Enter would also press the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
      const code = this.#typed;
      this.#typed = "";
      this.onCode(code);
    } else if (event.key.length === 1) {
      // Signed codes have blanks, and a blank presses the button that has the focus.
      if (event.key === " " && this.#typed) event.preventDefault();
      this.#typed += event.key;
    }
  }
}
