import { readFileSync } from "node:fs";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds } from "@statewave-connectors/testing";
import { fixture, message, openReceiver, pagesOf } from "./open-receiver.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

const places = {
  channel: { channel: "C123ABC456", channel_type: "channel" },
  private: { channel: "G123ABC456", channel_type: "group" },
  im: { channel: "D123ABC456", channel_type: "im" },
  mpim: { channel: "C0GROUP456", channel_type: "mpim" },
};
const inEveryPlace: Readonly<Record<string, ReturnType<typeof fixture>>> = {
  message: message(),
  reply: message({ thread_ts: "1355517520.000001" }),
  broadcast: message({ subtype: "thread_broadcast", thread_ts: "1355517520.000001", ts: "1355517524.000006" }),
  edit: fixture("message-changed"),
  deletion: fixture("message-deleted"),
};
const whole = ["block-only-message", "bot-message", "thread-parent-deleted", "reaction-added", "pin-added"];

/** Webhook payloads by name. */
function payloads(): ReadonlyMap<string, unknown> {
  const byName = new Map<string, unknown>();
  for (const [name, payload] of Object.entries(inEveryPlace)) {
    for (const [place, fields] of Object.entries(places)) {
      byName.set(`push ${name} in ${place}`, { ...payload, event: { ...payload.event, ...fields } });
    }
  }
  for (const name of whole) byName.set(`push ${name}`, fixture(name));
  for (const name of ["reaction", "pin"]) {
    const added = fixture(`${name}-added`);
    byName.set(`push ${name}-removed`, { ...added, event: { ...added.event, type: `${name}_removed` } });
  }
  for (const what of ["topic", "purpose"]) byName.set(`push ${what}`, message({ subtype: `channel_${what}`, [what]: "new" }));
  byName.set("push shared channel", message({}, { team_id: "T0THEIRS", context_team_id: "T0OURS" }));
  return byName;
}

async function pushed(payload: unknown): Promise<readonly Episode[]> {
  const pages = await pagesOf(payload, openReceiver({ include_dms: true, include_mpim: true }));
  return pages.flatMap((page) => page.episodes);
}

async function pulled(more: Readonly<Record<string, unknown>> = {}): Promise<readonly Episode[]> {
  const entry = { include_dms: true, include_mpim: true, ...more };
  const { fake, clock, source } = await openSource({ channels: 1, messages: 4, threadEvery: 2, users: 2, entry });
  const { workspace } = fake;
  workspace.addChannel("D0DIRECT", "", { type: "im", user: "U0PERSON1" });
  workspace.addChannel("C0GROUP", "mpdm-a--b-1", { type: "mpim" });
  for (const channel of workspace.channels.keys()) {
    const ts = workspace.post(channel, "question");
    workspace.reply(channel, ts, "gate 4, until Friday");
    workspace.edit(channel, ts, "a better question");
  }
  for (const what of ["topic", "purpose"]) workspace.post("C0CHANNEL1", "set it", { subtype: `channel_${what}`, [what]: "new" });
  await clock.advance(minuteMs);
  const first = await read(source);
  await clock.advance(60 * minuteMs);
  const second = await read(source, first.cursor);
  return [...first.episodes, ...second.episodes];
}

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    for (const [name, payload] of payloads()) made.set(name, await pushed(payload));
    for (const episode of [...(await pulled()), ...(await pulled({ digest: "thread" }))]) {
      made.set(`pull ${episode.kind} ${episode.source.id}`, [episode]);
    }
    return made;
  },
});
