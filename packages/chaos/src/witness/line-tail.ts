import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

const bytesAtATime = 64 * 1024;

/** The lines that are appended to a file, each once: a long trial does not read its files again and again. */
export class LineTail {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(bytesAtATime);
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines since the last call, however many, read in pieces; none while the file is missing. */
  *read(): Generator<string, void> {
    if (!existsSync(this.#path)) return;
    const file = openSync(this.#path, "r");
    try {
      // What is appended meanwhile is for the next call, or a busy writer would keep the reader for ever.
      const { size } = fstatSync(file);
      while (this.#offset < size) yield* this.#linesOfPiece(file);
    } finally {
      closeSync(file);
    }
  }

  #linesOfPiece(file: number): readonly string[] {
    const length = readSync(file, this.#buffer, 0, bytesAtATime, this.#offset);
    this.#offset += length;
    const text = Buffer.concat([this.#rest, this.#buffer.subarray(0, length)]);
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.subarray(end);
    return end === 0 ? [] : text.toString("utf8", 0, end - 1).split("\n");
  }
}
