/** What time it is: on this phone, at the server, and at the door while one trains. All in milliseconds. */
export class Clock {
  /** @param {() => number} phone the phone's own clock */
  constructor(phone = Date.now) {
    this.phone = phone;
    /** Server's time minus the phone's, from the last sync. */
    this.offset = 0;
    /** @type {{doorsOpen: number, since: number} | null} */
    this.training = null;
  }

  /**
   * Learns the server's time from one answer; it was taken somewhere between asking and receiving.
   *
   * @param {string} serverTime
   * @param {number} askedAt by the phone's clock
   */
  learn(serverTime, askedAt) {
    const receivedAt = this.phone();
    this.offset = Date.parse(serverTime) - (askedAt + receivedAt) / 2;
  }

  /** Whole minutes by which the phone is off. */
  get minutesOff() {
    return Math.round(Math.abs(this.offset) / 60_000);
  }

  /** The corrected time at the door: the server's, or the training clock's. */
  now() {
    const server = this.phone() + this.offset;
    return this.training ? this.training.doorsOpen + (server - this.training.since) : server;
  }

  /**
   * Starts the training clock at the moment the doors open.
   *
   * @param {number} doorsOpen
   */
  train(doorsOpen) {
    this.training = { doorsOpen, since: this.phone() + this.offset };
  }

  /** A scan's `at`: by this phone's clock, since the server corrects it by the skew it measures itself. */
  stamp() {
    return new Date(this.now() - this.offset).toISOString();
  }
}
