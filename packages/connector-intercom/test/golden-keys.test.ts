import { readFileSync } from "node:fs";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds, openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { startFakeIntercom } from "../src/testing/index.ts";
import { episodesIn, freshToken, openPush } from "./open-fake.ts";
import { samples } from "./samples.ts";

async function pulled(): Promise<readonly Episode[]> {
  const clock = new FakeClock();
  const token = freshToken();
  const fake = await startFakeIntercom({ nowMs: () => clock.now(), token, conversations: 2, comments: 2 });
  try {
    const options = { access_token: token, base_url: fake.url, app_id: fake.workspace.seed.appId };
    const { walk } = await openEntry(connector, options, { clock });
    return episodesIn(await walk());
  } finally {
    await fake.close();
  }
}

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    const { episodesOf } = await openPush({ internal_notes: true });
    for (const { name, body, received = "event" } of samples) {
      if (received === "event") made.set(`push ${name}`, await episodesOf(body));
    }
    for (const episode of await pulled()) made.set(`pull ${episode.kind} ${episode.source.id}`, [episode]);
    return made;
  },
});
