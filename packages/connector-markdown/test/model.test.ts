import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { openSource, remove, tempFolder, tick, write } from "./temp-folder.ts";

/** mulberry32: small, and the same everywhere for one seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A server that keeps the first episode of each key. */
class Memory {
  readonly #keys = new Set<string>();
  readonly #documents = new Map<string, string>();

  store(episodes: readonly Episode[]): void {
    for (const episode of episodes) {
      if (this.#keys.has(episode.idempotency_key)) continue;
      this.#keys.add(episode.idempotency_key);
      this.#take(episode);
    }
  }

  /** What it believes the folder to hold. */
  documents(): Record<string, string> {
    return Object.fromEntries(this.#documents);
  }

  #take({ kind, source, text, metadata }: Episode): void {
    const from = metadata?.["moved_from"];
    if (typeof from === "string") {
      this.#documents.set(source.id, this.#documents.get(from) ?? "unknown");
      this.#documents.delete(from);
    } else if (kind === "markdown.document.deleted") this.#documents.delete(source.id);
    else this.#documents.set(source.id, text.split("\n")[1] ?? "");
  }
}

function documentsIn(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const seeds = [1, 2, 3, Date.now() % 1_000_000];
it.each(seeds.flatMap((seed) => ["sections", "document"].map((split) => [seed, split] as const)))(
  "a memory that keeps one episode a key always believes what the folder holds, despite crashes (seed %i, split = %j)",
  async (seed, split) => {
    const random = randomFrom(seed);
    const folder = tempFolder();
    const source = openSource(folder, { split }, { clock: systemClock });
    const memory = new Memory();
    const paths = Array.from({ length: 8 }, (_, n) => `${n}.md`);
    const contents = ["red", "green", "blue"];
    let cursor: string | undefined;
    for (let round = 0; round < 60; round += 1) {
      for (let change = random(4); change > 0; change -= 1) {
        const path = paths[random(paths.length)]!;
        if (random(3) === 0 && existsSync(join(folder, path))) remove(folder, path);
        else write(folder, path, contents[random(contents.length)]!);
      }
      // A crash or two: delivered, or not even that, but never checkpointed. The next process starts from the same cursor.
      for (let crash = random(3); crash > 0; crash -= 1) {
        const { episodes } = await tick(source, cursor);
        if (random(2) === 0) memory.store(episodes);
      }
      const { episodes, cursor: next } = await tick(source, cursor);
      memory.store(episodes);
      cursor = next;
      expect(memory.documents()).toEqual(documentsIn(folder));
    }
  },
);
