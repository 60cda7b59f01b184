import { readFileSync } from "node:fs";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds, FakeClock } from "@statewave-connectors/testing";
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
    return made;
  },
});
