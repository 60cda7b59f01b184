import { readFileSync } from "node:fs";
import { type ConnectorContext, type Episode, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describeGoldenKeys, documentedKinds, FakeClock } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { change, startFakeProvider } from "./fake-provider.ts";

const changes = (["written", "edited", "deleted", "written"] as const).map((action, at) => change(at + 1, { action }));

const context: ConnectorContext = {
  source: { kind: "example", name: "main" },
  baseDir: "/",
  clock: new FakeClock(),
  random: () => 0.5,
  fetch: globalThis.fetch,
  logger: silentLogger,
  reportHealth: () => undefined,
};

async function pulled(): Promise<readonly Episode[]> {
  const provider = await startFakeProvider(changes);
  try {
    const source = connector.pull!.open({ base_url: provider.url, token: new Secret(provider.token) }, context);
    const episodes: Episode[] = [];
    for await (const page of source.pages(undefined, new AbortController().signal)) episodes.push(...page.episodes);
    return episodes;
  } finally {
    await provider.close();
  }
}

async function pushed(payload: unknown): Promise<readonly Episode[]> {
  const receiver = connector.push!.open({ secret: [new Secret("s")] }, context);
  const event = { headers: {}, body: Buffer.from(JSON.stringify(payload)), receivedAtMs: context.clock.now() };
  const episodes: Episode[] = [];
  for await (const page of receiver.pages(event, new AbortController().signal)) episodes.push(...page.episodes);
  return episodes;
}

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    for (const payload of changes) made.set(`push change ${payload.seq}`, await pushed(payload));
    for (const episode of await pulled()) made.set(`pull change of ${episode.source.id}`, [episode]);
    return made;
  },
});
