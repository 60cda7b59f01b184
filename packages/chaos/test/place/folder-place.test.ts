import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clearPlace } from "../../src/place/clear-place.ts";
import { claimAtOnce, placeOn } from "./claiming.ts";

test("of two trials that begin at the same moment one gets the folder, and the next one gets it when it was cleared", async ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "chaos-place-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const place = await placeOn("file", { path: "./state/cursors.json" }, folder);
  const own = join(folder, "state", "statewave_chaos");
  expect(await claimAtOnce(place, 2)).toEqual(["claimed", `the folder ${own} is not empty: it holds the file trial`]);
  await place.clear();
  expect(existsSync(own)).toBe(false);
  expect(await claimAtOnce(place, 1)).toEqual(["claimed"]);
});

test("a place that cannot be emptied is reported, and costs no report", async () => {
  const said: string[] = [];
  await clearPlace({ name: "the place", clear: () => Promise.reject(new Error("it is busy")) }, (text) => said.push(text));
  expect(said).toEqual([expect.stringMatching(/^the place was not emptied: .*it is busy/)]);
});
