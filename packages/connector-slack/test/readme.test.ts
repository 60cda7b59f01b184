import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { fixture, message, openReceiver, pagesOf } from "./open-receiver.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const sorted = (kinds: ReadonlySet<string>) => [...kinds].toSorted();

test("the README lists exactly the kinds that the Events API brings", async () => {
  const places = [
    { channel: "C123ABC456", channel_type: "channel" },
    { channel: "D123ABC456", channel_type: "im" },
    { channel: "C0GROUP456", channel_type: "mpim" },
  ];
  const ofMessages = [
    message(),
    message({ thread_ts: "1355517520.000001" }),
    fixture("message-changed"),
    fixture("message-deleted"),
    message({ subtype: "channel_topic", topic: "new" }),
    message({ subtype: "channel_purpose", purpose: "new" }),
  ];
  const marks = ["reaction-added", "pin-added"].map((name) => fixture(name));
  const removed = (type: unknown) => String(type).replace("_added", "_removed");
  const payloads = [
    ...ofMessages.flatMap((payload) => places.map((place) => ({ ...payload, event: { ...payload.event, ...place } }))),
    ...marks,
    ...marks.map((payload) => ({ ...payload, event: { ...payload.event, type: removed(payload.event["type"]) } })),
  ];
  const receiver = openReceiver({ include_dms: true, include_mpim: true });
  const kinds = new Set<string>();
  for (const payload of payloads)
    for (const page of await pagesOf(payload, receiver)) for (const { kind } of page.episodes) kinds.add(kind);
  expect(sorted(kinds)).toEqual(documentedKinds(readme, "push"));
});

test("the README lists exactly the kinds that the history brings", async () => {
  const { fake, clock, source } = await openSource({
    channels: 1,
    entry: { include_dms: true, include_mpim: true, digest: "thread" },
  });
  const { workspace } = fake;
  workspace.addChannel("D0DIRECT", "", { type: "im", user: "U0PERSON1" });
  workspace.addChannel("C0GROUP", "mpdm-a--b-1", { type: "mpim" });
  for (const channel of workspace.channels.keys()) {
    const ts = workspace.post(channel, "question");
    workspace.reply(channel, ts, "an answer of some length");
    workspace.edit(channel, ts, "a better question");
  }
  for (const what of ["topic", "purpose"]) workspace.post("C0CHANNEL1", "set it", { subtype: `channel_${what}`, [what]: "new" });
  await clock.advance(40 * minuteMs);
  const { episodes } = await read(source);
  expect(sorted(new Set(episodes.map(({ kind }) => kind)))).toEqual(documentedKinds(readme, "pull"));
});
