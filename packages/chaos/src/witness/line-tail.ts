import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** The lines that are appended to a file, each once: a long trial does not read its files again and again. */
export class LineTail {
  readonly #path: string;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines since the last call; none while the file is missing. */
  read(): readonly string[] {
    if (!existsSync(this.#path)) return [];
    const file = openSync(this.#path, "r");
    try {
      const fresh = Buffer.alloc(fstatSync(file).size - this.#offset);
      this.#offset += readSync(file, fresh, 0, fresh.length, this.#offset);
      const text = Buffer.concat([this.#rest, fresh]);
      const end = text.lastIndexOf("\n") + 1;
      this.#rest = text.subarray(end);
      return end === 0 ? [] : text.toString("utf8", 0, end - 1).split("\n");
    } finally {
      closeSync(file);
    }
  }
}
