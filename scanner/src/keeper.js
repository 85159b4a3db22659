/**
 * What the phone keeps that is too large or too precious for its small memory: the tickets as one text, and the
 * log, entry by entry. An entry is durable before `append` returns.
 */

const NAME = "kassa-door";
const KEPT = "kept";
const LOG = "log";
const TICKETS = "tickets";

/** @typedef {import("./log.js").LogRecord} LogRecord */

export class Keeper {
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;

  /**
   * @param {IDBFactory} factory
   * @param {() => void} onFull told after room has been made, if there was any to make
   */
  constructor(factory, onFull) {
    this.factory = factory;
    this.onFull = onFull;
  }

  /**
   * @param {string} name
   * @returns {Promise<unknown>} undefined when nothing is kept
   */
  read(name) {
    return this.#run("readonly", [KEPT], (store) => store(KEPT).get(name)).catch(() => undefined);
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  async write(name, value) {
    await this.#writing([KEPT], (store) => store(KEPT).put(value, name), name !== TICKETS);
  }

  /** @returns {Promise<LogRecord[]>} what waits, oldest first */
  async log() {
    const found = await this.#run("readonly", [LOG], (store) => store(LOG).getAll()).catch(() => []);
    return /** @type {LogRecord[]} */ (found);
  }

  /**
   * @param {LogRecord[]} records
   * @param {unknown} head
   * @returns {Promise<boolean>} whether they are on the disk
   */
  append(records, head) {
    return this.#writing([LOG, KEPT], (store) => {
      store(KEPT).put(head, "head");
      for (const record of records) store(LOG).put(record);
    });
  }

  /** @param {number[]} numbers of entries that the server has answered for */
  async drop(numbers) {
    await this.#writing([LOG], (store) => {
      for (const seq of numbers) store(LOG).delete(seq);
    });
  }

  /** Forgets what was synced; the log stays. */
  async forgetTickets() {
    await this.#writing([KEPT], (store) => {
      store(KEPT).delete(TICKETS);
      store(KEPT).delete("programme");
    });
  }

  /** Forgets everything, as when the phone is given to another festival. */
  async clear() {
    await this.#writing([LOG, KEPT], (store) => {
      store(LOG).clear();
      store(KEPT).clear();
    });
  }

  /**
   * @param {string[]} stores
   * @param {(store: (name: string) => IDBObjectStore) => IDBRequest | void} act
   * @param {boolean} [precious] the tickets give way to it: they are large, and the server has them too
   * @returns {Promise<boolean>} whether it is on the disk
   */
  async #writing(stores, act, precious = true) {
    const write = () => this.#run("readwrite", stores, act).then(() => true);
    const without = () => this.#run("readwrite", [KEPT], (store) => store(KEPT).delete(TICKETS)).then(write);
    try {
      return await write();
    } catch {
      const written = precious && (await without().catch(() => false));
      this.onFull();
      return written;
    }
  }

  /**
   * @param {IDBTransactionMode} mode
   * @param {string[]} stores
   * @param {(store: (name: string) => IDBObjectStore) => IDBRequest | void} act
   * @returns {Promise<unknown>} the request's result, once all of it is on the disk
   */
  async #run(mode, stores, act) {
    const database = await (this.#opened ??= this.#open());
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      const request = act((name) => transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      const request = this.factory.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(KEPT);
        request.result.createObjectStore(LOG, { keyPath: "seq" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
