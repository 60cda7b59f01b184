import { readFileSync } from "node:fs";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds, openEntry, openReceiver } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { change } from "./change.ts";
import { startFakeProvider } from "./fake-provider.ts";

const changes = (["written", "edited", "deleted", "written"] as const).map((action, at) => change(at + 1, { action }));

// #region pull
async function pulled(): Promise<readonly Episode[]> {
  const provider = await startFakeProvider(changes);
  try {
    const { walk } = await openEntry(connector, { base_url: provider.url, token: provider.token });
    return (await walk()).flatMap(({ episodes }) => episodes);
  } finally {
    await provider.close();
  }
}
// #endregion

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    // #region push
    const { episodesOf } = await openReceiver(connector, { secret: "s" });
    for (const payload of changes) made.set(`push change ${payload.seq}`, await episodesOf(JSON.stringify(payload)));
    // #endregion
    // #region pull
    for (const episode of await pulled()) made.set(`pull change of ${episode.source.id}`, [episode]);
    // #endregion
    return made;
  },
});
