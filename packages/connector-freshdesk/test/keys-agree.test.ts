import { openReceiver } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { episodesOfEachKind } from "./each-kind.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

const events = [
  "{ticket_action:created}",
  "{reply_sent:sent}",
  "{note_type:public}",
  "{status:{from:2,to:4}}",
  "{status:{from:4,to:2}}",
];

test("with a twin a webhook makes no episode of what the API lists, so that nothing is stored twice", async () => {
  const { receiver } = await openReceiver(connector, { domain: "acme", secret: "s" }, { twin: "main" });
  for (const triggered_event of events) {
    const body = Buffer.from(JSON.stringify({ ticket_id: "1", triggered_event }));
    const request = { method: "POST", path: "/", headers: { "x-statewave-token": "s" }, body, receivedAtMs: 0 };
    expect(await receiver.receive(request)).toEqual({ type: "trigger" });
  }
});

test("the run that a webhook triggers brings the event under the key that every later run gives it", async () => {
  const { fake, clock, source, reopen } = await openSource({ tickets: 3, replies: 1 });
  let { cursor } = await read(source);
  const steps = [
    () => void fake.desk.addConversation(2, { incoming: true }),
    () => fake.desk.setStatus(2, 4),
    () => fake.desk.setStatus(2, 2),
    () => void fake.desk.addTicket(),
  ];
  const triggered = new Map<string, string>();
  for (const step of steps) {
    await clock.advance(minuteMs);
    step();
    const run = await read(source, cursor);
    ({ cursor } = run);
    for (const { kind, source: pointer, occurred_at, idempotency_key: key } of run.episodes)
      triggered.set(`${kind} ${pointer.id} ${occurred_at}`, key);
  }
  const later = await read(await reopen());
  const known = later.episodes.map(
    ({ kind, source: pointer, occurred_at, idempotency_key }) =>
      [`${kind} ${pointer.id} ${occurred_at}`, idempotency_key] as const,
  );

  expect([...triggered.keys()].map((name) => name.split(" ")[0])).toContain("freshdesk.ticket.resolved");
  expect(known.filter(([name, key]) => (triggered.get(name) ?? key) !== key)).toEqual([]);
});

test("without a twin the kinds and keys of webhooks are their own", async () => {
  const made = await episodesOfEachKind();
  const of = (way: string) => [...made].filter(([name]) => name.startsWith(way)).flatMap(([, episodes]) => episodes);
  const [pushed, pulled] = [of("push"), of("pull")];
  expect(pushed.length).toBeGreaterThan(0);
  for (const field of ["kind", "idempotency_key", "subject"] as const) {
    const theirs = new Set(pulled.map((episode) => episode[field]));
    expect(pushed.map((episode) => episode[field]).filter((value) => theirs.has(value))).toEqual([]);
  }
});

test("two accounts with the same ids share no key, subject or session", async () => {
  const { reopen } = await openSource({ tickets: 3, replies: 1 });
  const namesIn = async (domain: string) =>
    (await read(await reopen({ domain }))).episodes.flatMap(({ idempotency_key: key, subject, session }) => [
      key,
      subject,
      session,
    ]);
  const one = new Set(await namesIn("acme"));
  expect(one.size).toBeGreaterThan(8);
  expect((await namesIn("globex")).filter((name) => one.has(name))).toEqual([]);
});
