import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, onTestFinished, test } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const program = join(import.meta.dirname, "fixtures", "recording-process.ts");

/** What a process said of a key last: its value, or that it is deleted. */
type Said = Map<string, string>;

/** Lets a process write until it has said so many lines, and kills it. */
async function recordUntilKilled(path: string, lines: number, said: Said, versions: number[]): Promise<void> {
  const child = spawn(process.execPath, ["--conditions=@statewave-connectors/source", program, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const dead = once(child, "exit");
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [key, version, value] = line.split(" ");
    said.set(key!, value!);
    if (version !== "0") versions.push(Number(version));
    if ((count += 1) === lines) child.kill("SIGKILL");
  }
  await dead;
}

test(
  "loses no acknowledged record, and gives no version twice, when it is killed at any moment",
  { timeout: 60_000 },
  async () => {
    const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
    const random = seededRandom(seed);
    const path = join(temporaryFolder(), "cursors.json");
    const said: Said = new Map();
    const versions: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await recordUntilKilled(path, 20 + Math.floor(random() * 400), said, versions);
      const store = await openFileBackedPullCursorStore({ path });
      for (const [key, value] of said) {
        const stored = (await store.records!.get("counters", key))?.value;
        // One write of a key is in progress at a time: it may be durable without an answer.
        const possible = value === "-" ? [undefined, "1"] : [value, String(Number(value) + 1), undefined];
        expect(possible, `${key}, round ${round}, TEST_SEED=${seed}`).toContain(stored);
        if (stored === undefined) said.delete(key);
      }
      await store.close();
    }
    expect(new Set(versions).size).toBe(versions.length);
  },
);
