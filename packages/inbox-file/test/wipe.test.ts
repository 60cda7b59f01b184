import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { openInbox } from "../src/index.ts";
import { contextOf, temporaryFolder } from "./temporary-folder.ts";

const source = { kind: "slack", name: "team" };
const mark = "what-ada-wrote";

function marked(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => readFileSync(path).includes(mark));
}

test("what was discarded is in no file of an inbox that is closed right afterwards", async () => {
  const folder = temporaryFolder();
  const inbox = await openInbox({}, defaultInboxLimits, contextOf(folder));
  const body = Buffer.from(`${mark} `.repeat(4_000));
  for (let at = 0; at < 200; at += 1)
    await inbox.accept({ type: "event", source, id: `event ${at}`, headers: {}, body, receivedAtMs: 1 });
  const waiting = (await inbox.view?.list({ limit: 200 })) ?? [];
  expect(waiting).toHaveLength(200);
  expect(marked(folder)).not.toEqual([]);
  expect(await inbox.discardQueued?.(waiting.map(({ key }) => key))).toBe(200);
  await inbox.close();
  expect(marked(folder)).toEqual([]);
});
