import { Book } from "./book.js";
import { Desk } from "./desk.js";
import { Log } from "./log.js";
import { Relay } from "./relay.js";
import { Register } from "./register.js";
import { Rush } from "./rush.js";
import { Syncing } from "./sync.js";
import { Upload } from "./upload.js";

/**
 * The parts behind the page, joined: tickets known, log, uploads, syncing, desk.
 *
 * @param {object} outside
 * @param {import("./store.js").Store} outside.store
 * @param {import("./clock.js").Clock} outside.clock
 * @param {import("./keeper.js").Keeper} outside.keeper
 * @param {() => import("./card.js").Scene | null} outside.scene
 * @param {(tone: import("./card.js").Tone) => void} outside.signal
 */
export function makeParts({ store, clock, keeper, scene, signal }) {
  const book = new Book();
  const log = new Log(keeper, clock);
  const upload = new Upload({ store, clock, log });
  const rush = new Rush({ keeper, book });
  const relay = new Relay({ store, clock, log });
  const register = new Register({ store, clock, book, log, upload, rush, relay });
  return {
    book,
    log,
    upload,
    register,
    rush,
    syncing: new Syncing({ store, clock, book, keeper, log, rush }),
    desk: new Desk({ store, clock, book, log, upload, register, rush, relay, scene, signal }),
  };
}
