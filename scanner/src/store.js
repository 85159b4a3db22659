/** @typedef {import("./types.js").Screening} Screening */
/** @typedef {import("./card.js").Card} Card */

/**
 * @typedef {object} State all that the page shows
 * @property {import("./types.js").Language} language
 * @property {import("./types.js").Device | null} device
 * @property {import("./types.js").Festival | null} festival null until the first sync
 * @property {import("./types.js").PinChecks} pins
 * @property {import("./types.js").PublicKey[]} keys
 * @property {ReadonlyMap<string, import("./types.js").Hall>} halls
 * @property {ReadonlyMap<string, Screening>} screenings
 * @property {import("./types.js").Choice | null} choice
 * @property {import("./types.js").Direction} direction
 * @property {boolean} training the usher wants the training clock
 * @property {boolean} practice sample codes are shown, and nothing counts
 * @property {boolean} online the last request was answered
 * @property {string} relayed the venue's relay through which the way to the server leads, and which may be asked; else empty
 * @property {number} unsent scans that the server has not answered for
 * @property {number} syncedAt by the phone's clock; 0: never
 * @property {boolean} revoked
 * @property {boolean} storageFull
 * @property {boolean} cameraLost
 * @property {number} minutesOff the phone's clock against the server's
 * @property {boolean} checking an ask is on its way
 * @property {Card | null} card the verdict on the screen
 * @property {string | null} hint a passing remark in the camera's picture
 * @property {{called: number, left: number} | null} line the rush line here: numbers called, places left
 * @property {Last | null} last the last admission, while it can be undone or tells of it
 *
 * @typedef {object} Last
 * @property {Omit<import("./types.js").Scan, "seq" | "prev">} scan
 * @property {string} key under which the book knows the ticket
 * @property {import("./book.js").Admitted | null} before who was in before it
 * @property {import("./types.js").TicketShown | null} ticket
 * @property {number} at by the count that no setting of the clock moves
 * @property {boolean} undone
 */

/** @type {Omit<State, "language" | "device" | "choice">} */
const START = {
  festival: null,
  pins: {},
  keys: [],
  halls: new Map(),
  screenings: new Map(),
  direction: "in",
  training: false,
  practice: false,
  online: true,
  relayed: "",
  unsent: 0,
  syncedAt: 0,
  revoked: false,
  storageFull: false,
  cameraLost: false,
  minutesOff: 0,
  checking: false,
  card: null,
  hint: null,
  line: null,
  last: null,
};

/** Holds the state; a view listens for `change` and renders what differs. */
export class Store extends EventTarget {
  /** @param {Pick<State, "language" | "device" | "choice">} remembered */
  constructor(remembered) {
    super();
    /** @type {Readonly<State>} */
    this.state = { ...START, ...remembered };
  }

  /** @param {Partial<State>} patch */
  set(patch) {
    this.state = { ...this.state, ...patch };
    this.dispatchEvent(new Event("change"));
  }

  /** Back to an unpaired phone; only the language stays. */
  reset() {
    this.set({ ...START, device: null, choice: null });
  }

  /**
   * The count at one screening, as the server last told it.
   *
   * @param {string} code
   * @param {import("./types.js").Occupancy} occupancy
   */
  setOccupancy(code, occupancy) {
    const screening = this.state.screenings.get(code);
    if (!screening) return;
    this.set({ screenings: new Map(this.state.screenings).set(code, { ...screening, ...occupancy }) });
  }

  /** @returns {Screening | null} the screening shown at this door */
  get screening() {
    const { choice, screenings } = this.state;
    return (choice && screenings.get(choice.screening)) ?? null;
  }

  /** The hall to which the chosen screening has moved since it was chosen; null while it is where it was. */
  get movedTo() {
    const { choice, halls } = this.state;
    const { screening } = this;
    return (screening && screening.hall !== choice?.hall && halls.get(screening.hall)) || null;
  }
}
