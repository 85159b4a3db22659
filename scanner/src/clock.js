/** What time it is: on this phone, at the server, and at the door while one trains. All in milliseconds. */
export class Clock {
  /** @type {number | null} when, by `ticks`, the server's time was learnt last */
  #learntAt = null;

  /**
   * @param {() => number} phone the phone's own clock, which people and networks set
   * @param {() => number} ticks counts on whatever the clock is set to; from when is unknown
   */
  constructor(phone = Date.now, ticks = () => performance.now()) {
    this.phone = phone;
    this.ticks = ticks;
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
    this.#learntAt = this.ticks();
  }

  /** The server's time, as far as the phone knows it. */
  server() {
    return this.phone() + this.offset;
  }

  /**
   * The server's time of a moment by this phone's own clock, such as a scan's `at`.
   *
   * @param {string} at
   */
  corrected(at) {
    return Date.parse(at) + this.offset;
  }

  /**
   * How old something is. A clock that is set back makes nothing younger; while a phone sleeps, only its clock goes on.
   *
   * @param {number} syncedAt by the phone's clock, of the last sync
   */
  age(syncedAt) {
    const ticked = this.#learntAt === null ? 0 : this.ticks() - this.#learntAt;
    return Math.max(this.phone() - syncedAt, ticked);
  }

  /** Whole minutes by which the phone is off. */
  get minutesOff() {
    return Math.round(Math.abs(this.offset) / 60_000);
  }

  /** The corrected time at the door: the server's, or the training clock's. */
  now() {
    const server = this.server();
    return this.training ? this.training.doorsOpen + (server - this.training.since) : server;
  }

  /**
   * Starts the training clock at the moment the doors open.
   *
   * @param {number} doorsOpen
   */
  train(doorsOpen) {
    this.training = { doorsOpen, since: this.server() };
  }

  /** A scan's `at`: by this phone's clock, since the server corrects it by the skew it measures itself. */
  stamp() {
    return new Date(this.now() - this.offset).toISOString();
  }
}
