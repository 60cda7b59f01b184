import { chownSync, lstatSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const other = 65_534;
const source = { kind: "github", name: "main" };
const isRoot = process.geteuid?.() === 0;

/** Every file and folder that does not belong to the other user. */
function foreign(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => lstatSync(join(folder, name)).uid !== other);
}

async function change(path: string, layout: "file" | "dir"): Promise<void> {
  const store = await openFileBackedPullCursorStore({ path, layout });
  await store.set(source, "a cursor");
  await store.records!.compareAndSet({ scope: "pauses", key: "main", value: "{}", expectedVersion: 0 });
  await store.close();
}

test.runIf(isRoot).each(["file", "dir"] as const)(
  "what the superuser writes in the layout %s belongs to the user of the state, who can open it afterwards",
  async (layout) => {
    const folder = temporaryFolder();
    chownSync(folder, other, other);
    await change(join(folder, "state", "cursors.json"), layout);
    expect(foreign(folder)).toEqual([]);
  },
);

test.runIf(isRoot)("the superuser keeps the owner of a file that is replaced in a folder of its own", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "cursors.json");
  await change(path, "file");
  expect(foreign(folder)).toContain("cursors.json");
  chownSync(path, other, other);
  renameSync(`${path}.records`, `${path}.gone`);
  await change(path, "file");
  expect(foreign(folder)).not.toContain("cursors.json");
});
