// A phone's disk in memory: the same promises as scanner/src/keeper.js.

export class MemoryKeeper {
  kept = new Map();
  records = [];
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

  async append(record, head) {
    await null;
    this.kept.set("head", structuredClone(head));
    this.records = [...this.records.filter(({ seq }) => seq !== record.seq), structuredClone(record)];
    this.appended += 1;
  }

  async drop(numbers) {
    this.records = this.records.filter(({ seq }) => !numbers.includes(seq));
  }

  async clear() {
    this.kept.clear();
    this.records = [];
  }
}
