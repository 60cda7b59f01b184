import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { openSource, remove, tempFolder, tick, write } from "./temp-folder.ts";

const minuteMs = 60_000;

const documents: Readonly<Record<string, string | Uint8Array>> = {
  "a.md": "# A\n",
  "empty.md": "",
  "guides/start.md": "---\ntitle: Getting started\ntags: [intro]\n---\nWelcome.\n",
  "guides/windows.md": "# Lines\r\n\r\nend so\r\n",
  "latin1.md": Uint8Array.of(0x23, 0x20, 0xe9, 0x0a),
  "umlaut ü/ñame.md": "# Ümlaut\n",
};

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    const folder = tempFolder();
    // The key of a deletion holds its moment.
    const clock = new FakeClock();
    const writeNow = (path: string, content: string | Uint8Array) => write(folder, path, content, clock.now() / 1_000);
    for (const [path, content] of Object.entries(documents)) writeNow(path, content);
    const source = openSource(folder, {}, { clock });
    let cursor: string | undefined;
    const walk = async (when: string) => {
      await clock.advance(minuteMs);
      const done = await tick(source, cursor);
      cursor = done.cursor;
      for (const episode of done.episodes) made.set(`pull ${when} ${episode.source.id}`, [episode]);
    };
    await walk("first walk");
    writeNow("a.md", "# A, revised\n");
    remove(folder, "empty.md");
    await walk("second walk");
    writeNow("a.md", "# A\n");
    writeNow("empty.md", "");
    await walk("what it was before");
    remove(folder, "empty.md");
    await walk("deleted again");
    renameSync(join(folder, "a.md"), join(folder, "moved.md"));
    await walk("moved");
    for (const [input, episode] of await sectionsOf()) made.set(input, [episode]);
    return made;
  },
});

const runbook = `# Runbook

${"Read it once. ".repeat(30)}

## Steps

${"Do it. ".repeat(60)}

## Going back

${"Not today. ".repeat(40)}
`;

const ports = `---
title: Ports
---

${Array.from({ length: 12 }, (_, n) => `## Port ${n}\n\nGates 1 to ${n}. | tide | [map](https://example.com/${"x".repeat(n * 9)}) |\n`).join("\n")}`;

/** The keys of a document that comes in sections. */
async function sectionsOf(): Promise<ReadonlyMap<string, Episode>> {
  const made = new Map<string, Episode>();
  const folder = tempFolder();
  const clock = new FakeClock();
  const source = openSource(folder, { split: "sections" }, { clock });
  let cursor: string | undefined;
  write(folder, "ports.md", ports, clock.now() / 1_000);
  const walk = async (when: string, content: string) => {
    write(folder, "runbook.md", content, clock.now() / 1_000);
    await clock.advance(minuteMs);
    const done = await tick(source, cursor);
    cursor = done.cursor;
    for (const episode of done.episodes) made.set(`sections ${when} ${episode.source.id}`, episode);
  };
  await walk("first walk", runbook);
  await walk("an edit", runbook.replace("Do it.", "Do it now."));
  await walk("what it was before", runbook);
  await walk("a section removed", runbook.slice(0, runbook.indexOf("## Going")));
  return made;
}
