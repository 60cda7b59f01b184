import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { adminOf, type FakeWorkspace, type Notification } from "../src/testing/index.ts";
import { episodesIn, openPull, openPush } from "./open-fake.ts";

const operator = { type: "bot", id: "278", name: "Fin", email: "operator@intercom.io", from_ai_agent: true };

/** Whatever both ways must agree on. Texts may differ: webhooks lose the marks of HTML. */
const compared = ({ idempotency_key, kind, subject, session, occurred_at, source, author, outcome }: Episode) => ({
  idempotency_key,
  kind,
  subject,
  session,
  occurred_at,
  source,
  author,
  outcome,
});

function byKey(episodes: readonly Episode[]) {
  return new Map(episodes.map((episode) => [episode.idempotency_key, compared(episode)]));
}

/** A conversation in which everything happens, a second after each other; `tick` lets it pass. */
async function play(workspace: FakeWorkspace, tick: () => Promise<void>): Promise<readonly Notification[]> {
  const sent: Notification[] = [];
  const happens = async <Sent extends Notification>(notification: Sent): Promise<Sent> => {
    sent.push(notification);
    await tick();
    return notification;
  };
  const { id } = await happens(workspace.start({}, { subject: "Nightly import", body: "<p>It failed</p>", type: "email" }));
  const other = await happens(
    workspace.start({}, { author: adminOf(2), body: "<p>We moved</p>" }, "conversation.admin.single.created"),
  );
  await happens(workspace.reply(id, { body: "<p>Hi, I am Fin</p>", author: operator }));
  await happens(workspace.assign(id, { body: "<p>Ann takes over</p>" }));
  await happens(workspace.reply(id, { body: "<p>Which file?</p>", attachments: [{ type: "upload", name: "list.csv" }] }));
  await happens(workspace.reply(id, { body: "<p>b.csv</p>", author: { type: "lead", id: "1", name: "Joe" } }));
  await happens(workspace.note(id));
  await happens(workspace.close(id, { body: "<p>Mended.</p>" }));
  await happens(workspace.rate(id, 5));
  await happens(workspace.rate(id, 5, "quick"));
  await happens(workspace.reopen(id, { body: "<p>It fails again</p>", author: { type: "user", id: "1", name: "Joe" } }));
  await happens(workspace.close(id));
  await happens(workspace.merge(other.id, id));
  return sent;
}

async function bothWays(behaviour: Parameters<typeof openPull>[0], entry: Readonly<Record<string, unknown>>) {
  const { fake, walk, clock } = await openPull(behaviour, entry);
  const sent = await play(fake.workspace, () => clock.advance(1_000));
  const { episodesOf } = await openPush({ ...entry });
  const pushed: Episode[] = [];
  for (const { topic, body } of sent) {
    // The receiver answers it without storing it.
    if (topic === "conversation.admin.noted" && entry["internal_notes"] !== true) continue;
    pushed.push(...(await episodesOf(body)));
  }
  await clock.advance(60_000);
  return { pushed: byKey(pushed), pulled: byKey(episodesIn(await walk())), fake, clock };
}

describe.each([
  { webhookBodies: "plain", notifiedParts: "event" },
  { webhookBodies: "html", notifiedParts: "event" },
  { webhookBodies: "plain", notifiedParts: "all" },
] as const)("with bodies of webhooks as $webhookBodies and the parts of $notifiedParts", (behaviour) => {
  test.each([
    { subject_by: "requester", internal_notes: true },
    { subject_by: "requester", internal_notes: false },
    { subject_by: "conversation", internal_notes: true },
  ])("push and pull give each event the same key, kind, subject, session and time, with %j", async (entry) => {
    const { pushed, pulled } = await bothWays(behaviour, entry);
    // The part by which the merged conversation ends is in no notification.
    const unseen = [...pulled.values()].filter(({ idempotency_key: key }) => !pushed.has(key));
    expect(unseen.map(({ kind, outcome }) => `${kind} ${outcome?.status}`)).toEqual(["intercom.conversation.merged merged"]);
    for (const { idempotency_key: key } of unseen) pulled.delete(key);
    // The API has the present rating only, with the remark that was added to the first one.
    const former = [...pushed.values()].filter(({ idempotency_key: key }) => !pulled.has(key));
    expect(former.map(({ kind }) => kind)).toEqual(["intercom.conversation.rated"]);
    for (const { idempotency_key: key } of former) pushed.delete(key);
    expect(pushed).toEqual(pulled);
    expect(pushed.size).toBeGreaterThanOrEqual(13);
  });
});

test("a redacted message has one key both ways, and neither repeats its words", async () => {
  const { fake, walk, clock } = await openPull();
  const { workspace } = fake;
  const { id } = workspace.start();
  workspace.reply(id, { body: "<p>the password is hunter2</p>" });
  await clock.advance(1_000);
  const sent = workspace.redact(id, String(workspace.conversation(id)?.parts[0]?.["id"]));
  const { episodesOf } = await openPush();
  const redacted = (episodes: readonly Episode[]) => episodes.filter(({ kind }) => kind === "intercom.conversation.redacted");
  const [pushed, pulled] = [redacted(await episodesOf(sent.body)), redacted(episodesIn(await walk()))];
  expect(pushed.map(compared)).toEqual(pulled.map(compared));
  expect(pushed).toHaveLength(1);
  expect(JSON.stringify([pushed, pulled])).not.toContain("hunter2");
  // Recorded notifications of some versions do not mark the part.
  const unmarked = await episodesOf(sent.body.replaceAll('"redacted":true,', ""));
  expect(redacted(unmarked).map(compared)).toEqual(pushed.map(compared));
  expect(unmarked.map(({ text }) => text).join()).not.toContain("This message was deleted");
});

test("a thread of several parts without marks reports no part as deleted but the one that is marked", async () => {
  const { workspace } = (await openPull()).fake;
  const { id } = workspace.start();
  for (const words of ["one", "two", "three"]) workspace.reply(id, { body: `<p>${words}</p>` });
  const { parts: marked = [], ...head } = { ...workspace.conversation(id) };
  const parts = marked.map((part) => ({ ...part, redacted: undefined }));
  const { episodesOf } = await openPush();
  const redactedIn = async (given: readonly object[]) => {
    const conversation_parts = { type: "conversation_part.list", conversation_parts: given, total_count: given.length };
    const { body } = workspace.notification("conversation_part.redacted", { ...head, conversation_parts });
    const episodes = await episodesOf(body);
    return episodes.filter(({ kind }) => kind === "intercom.conversation.redacted").length;
  };
  expect(await redactedIn(parts)).toBe(0);
  expect(await redactedIn(parts.map((part, at) => (at === 1 ? { ...part, redacted: true } : part)))).toBe(1);
  expect(await redactedIn(parts.slice(0, 1))).toBe(1);
});

test("a first message that was deleted is reported, and the notice in its place is neither a text nor a title", async () => {
  const { fake, walk, clock } = await openPull();
  const { workspace } = fake;
  const { id } = workspace.start({}, { body: "<p>the password is hunter2</p>" });
  await clock.advance(1_000);
  workspace.redactSource(id);
  const { body } = workspace.reply(id, { body: "<p>Thanks</p>" });
  const { episodesOf } = await openPush();
  const [pushed, pulled] = [await episodesOf(body), episodesIn(await walk())];
  expect(byKey(pushed)).toEqual(byKey(pulled));
  expect(pulled.map(({ kind, text, title }) => ({ kind, text, title }))).toEqual([
    { kind: "intercom.conversation.created", text: "Customer 1 wrote to support", title: undefined },
    { kind: "intercom.conversation.replied", text: "Agent 1 replied: Thanks", title: undefined },
    { kind: "intercom.conversation.redacted", text: "The first message, by Customer 1, was deleted", title: undefined },
  ]);
});

test("a closing whose notification comes without its part has the key of the pulled one", async () => {
  const { fake, walk } = await openPull();
  const { workspace } = fake;
  const { id } = workspace.start();
  const { body } = workspace.close(id);
  const { data, ...envelope } = JSON.parse(body) as { data: { item: Record<string, unknown> } };
  const bare = { ...envelope, data: { item: { ...data.item, conversation_parts: null } } };
  const { episodesOf } = await openPush();
  const closed = (episodes: readonly Episode[]) =>
    episodes.filter(({ kind }) => kind.endsWith(".closed")).map(({ idempotency_key: key }) => key);
  expect(closed(await episodesOf(JSON.stringify(bare)))).toEqual(closed(episodesIn(await walk())));
});

test("with companies as subjects, a webhook that does not name the company gets it from the API", async () => {
  const { fake, walk, options } = await openPull({}, { subject_by: "organization" });
  const { workspace } = fake;
  const { id, body } = workspace.start({ company: { type: "company", id: "6657adde6abd0167d9419d00", name: "Globex" } });
  const { data, ...envelope } = JSON.parse(body) as { data: { item: Record<string, unknown> } };
  const { company: _, ...item } = data.item;
  const { episodesOf } = await openPush({ ...options, subject_by: "organization" });
  const pushed = [await episodesOf(body), await episodesOf(JSON.stringify({ ...envelope, data: { item } }))].flat();
  const pulled = episodesIn(await walk());
  expect(new Set([...pushed, ...pulled].map(({ subject }) => subject))).toEqual(
    new Set(["organization:intercom.abc12de3.6657adde6abd0167d9419d00"]),
  );
  expect(byKey(pushed)).toEqual(byKey(pulled));
  expect(id).not.toBe("");
});

test("two workspaces with the same ids share no key, subject or session", async () => {
  const namesIn = async (appId: string) => {
    const { walk } = await openPull({ appId, conversations: 3, comments: 1 });
    return episodesIn(await walk()).flatMap(({ idempotency_key: key, subject, session }) => [key, subject, session]);
  };
  const one = new Set(await namesIn("abc12de3"));
  expect(one.size).toBeGreaterThan(8);
  expect((await namesIn("globex12")).filter((name) => one.has(name))).toEqual([]);
});
