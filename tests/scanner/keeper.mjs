// A phone's disk in memory: the same promises as scanner/src/keeper.js.

export class MemoryKeeper {
  kept = new Map();
  records = [];
  /** No entry of the log fits any more. */
  full = false;
  /** How many entries were on the disk, each time that somebody asked for it. */
  appended = 0;

  async read(name) {
    return structuredClone(this.kept.get(name));
  }

  async write(name, value) {
    this.kept.set(name, structuredClone(value));
  }

  async log() {
    return structuredClone(this.records);
  }

  async append(records, head) {
    await null;
    if (this.full) return false;
    this.kept.set("head", structuredClone(head));
    const numbers = records.map(({ seq }) => seq);
    this.records = [...this.records.filter(({ seq }) => !numbers.includes(seq)), ...structuredClone(records)];
    this.appended += 1;
    return true;
  }

  async drop(numbers) {
    this.records = this.records.filter(({ seq }) => !numbers.includes(seq));
  }

  async clear() {
    this.kept.clear();
    this.records = [];
  }
}
