import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What the release before records wrote: a finished due, one left to be resumed, one in progress, a deleted and an empty cursor. */
const written = join(import.meta.dirname, "fixtures", "cursors-before-records.txt");
const leftMs = Date.UTC(2026, 0, 2, 3, 4, 6);

async function openIts(path: string) {
  const clock = new FakeClock();
  await clock.advance(leftMs - clock.now());
  return openFileBackedPullCursorStore({ path, clock });
}

function itsFile(): string {
  const path = join(temporaryFolder(), "cursors.json");
  copyFileSync(written, path);
  return path;
}

test("reads the cursors, dues and epochs that the release before records wrote", async () => {
  const store = await openIts(itsFile());
  expect(await store.list()).toEqual([
    { source: { kind: "github", name: "empty" }, epoch: 1, cursor: "", updatedAtMs: leftMs },
    {
      source: { kind: "github", name: "main" },
      epoch: 1,
      cursor: '{"issues":"2026-01-01T00:00:00Z"}',
      updatedAtMs: leftMs - 1_000,
      finishedDueMs: leftMs - 61_000,
    },
    { source: { kind: "markdown", name: "notes" }, epoch: 1, openDueMs: leftMs - 1_000 },
    {
      source: { kind: "slack", name: "team" },
      epoch: 1,
      cursor: "page-3",
      updatedAtMs: leftMs,
      openDueMs: leftMs - 31_000,
      resumeInMs: 300_000,
    },
  ]);
  const [answer] = await store.acquire([{ source: { kind: "github", name: "by-hand" }, owner: "me", ttlMs: 1_000 }]);
  expect(answer).toMatchObject({ granted: true, lease: { epoch: 3 } });
  expect(await store.records!.scopes()).toEqual([]);
  await store.close();
});

test("leaves the cursor file as that release wrote it when records are written: going back needs no step", async () => {
  const path = itsFile();
  const store = await openIts(path);
  const write = { scope: "sink", key: "main", value: "fingerprint", expectedVersion: 0 };
  expect(await store.records!.compareAndSet(write)).toMatchObject({ stored: true });
  await store.close();
  expect(readFileSync(path, "utf8")).toBe(readFileSync(written, "utf8"));
  expect(readFileSync(`${path}.records`, "utf8")).toContain("fingerprint");
});

test("knows its records again after that release wrote the cursor file meanwhile, and starts without them when they are removed", async () => {
  const path = itsFile();
  const first = await openIts(path);
  await first.records!.compareAndSet({ scope: "sink", key: "main", value: "fingerprint", expectedVersion: 0 });
  await first.close();
  copyFileSync(written, path);
  const second = await openIts(path);
  expect(await second.records!.get("sink", "main")).toMatchObject({ value: "fingerprint", version: 1 });
  await second.close();
  rmSync(`${path}.records`);
  const third = await openIts(path);
  expect(await third.records!.get("sink", "main")).toBeUndefined();
  expect(await third.list()).toHaveLength(4);
  await third.close();
  expect(existsSync(`${path}.records`)).toBe(false);
});
