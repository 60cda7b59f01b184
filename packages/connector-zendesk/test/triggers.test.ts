import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { envelope, envelopesOf, type HelpDesk } from "../src/testing/index.ts";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

type Push = Awaited<ReturnType<Awaited<ReturnType<typeof openDesk>>["push"]>>;

const body = (ticket: { readonly id: number }) => JSON.stringify({ ticket_id: String(ticket.id) });

const sent = (text: string) => ({
  method: "POST",
  path: "/",
  headers: { "x-zendesk-webhook-invocation-id": "invocation-7" },
  body: Buffer.from(text),
  receivedAtMs: 0,
});

async function pagesOf({ receiver, context }: Push, text: string): Promise<readonly Page[]> {
  const event = { headers: {}, body: Buffer.from(text), receivedAtMs: context.clock.now() };
  const pages: Page[] = [];
  for await (const page of receiver.pages(event, new AbortController().signal)) pages.push(page);
  return pages;
}

describe("a trigger's webhook", () => {
  test("brings what happened to its ticket within a day, under the keys of pull", async () => {
    const { clock, desk, push, pull } = await openDesk();
    const old = new Date(clock.now() - 2 * 86_400_000);
    const ticket = desk.open({ subject: "Printer", at: old });
    desk.comment(ticket, { body: "yesterday", at: new Date(clock.now() - 3_600_000) });
    desk.comment(ticket, { body: "now", files: ["a.png"], status: "solved", at: new Date(clock.now() - 120_000) });
    desk.rate(ticket, "good", "thanks", new Date(clock.now() - 100_000));
    const pages = await pagesOf(await push(), body(ticket));
    const pulled = new Map(episodesOf(await (await pull()).walk()).map((episode) => [episode.idempotency_key, episode]));

    expect(episodesOf(pages).map(({ kind }) => kind.slice("zendesk.".length))).toEqual([
      "comment.posted",
      "comment.posted",
      "ticket.solved",
      "ticket.rated",
    ]);
    for (const episode of episodesOf(pages)) expect(episode).toEqual(pulled.get(episode.idempotency_key));
  });

  test("reads a ticket of more than a hundred steps to its end", async () => {
    const { clock, desk, push } = await openDesk();
    const at = new Date(clock.now() - 120_000);
    const ticket = desk.open({ at });
    for (let count = 0; count < 250; count += 1) desk.comment(ticket, { body: `comment ${count}`, at });
    expect(new Set(keysOf(await pagesOf(await push(), body(ticket)))).size).toBe(251);
  });

  test("for a deleted ticket yields no episode", async () => {
    const { desk, push } = await openDesk();
    const ticket = desk.open();
    desk.remove(ticket);
    const entry = await push();
    expect(await pagesOf(entry, body(ticket)).catch((error: unknown) => error)).toEqual([
      { episodes: [], skipped: { deleted: 1 } },
    ]);
    expect(skippedOf(await pagesOf(entry, body({ id: 424_242 })))).toEqual({ deleted: 1 });
  });

  test("without credentials waits as a dead letter that says what to set", async () => {
    const { desk, push } = await openDesk();
    const ticket = desk.open();
    const error: unknown = await pagesOf(await push({ oauth_token: undefined }), body(ticket)).catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "ZENDESK_CREDENTIALS_MISSING") && [error.retryable, error.hint]).toEqual([
      false,
      expect.stringContaining("client_secret"),
    ]);
  });

  test("without credentials makes the twin read, and an event is stored all the same", async () => {
    const { desk, receiver } = await openDesk();
    const ticket = desk.open();
    const [step] = desk.steps;
    const [opened] = step === undefined ? [] : envelopesOf(step, desk);
    const trigger = receiver({ oauth_token: undefined }, { twin: "history" });
    expect(trigger.receive?.(sent(body(ticket)))).toEqual({ type: "trigger", id: "invocation-7" });
    expect(trigger.receive?.(sent(JSON.stringify(opened)))).toEqual({ type: "event", id: opened?.["id"] });
    expect(trigger.receive?.(sent('{"type":"zen:event-type:ticket.painted"}'))).toMatchObject({ ignored: "type_not_mapped" });
    expect(Object.keys(receiver({}, { twin: "history" }))).not.toContain("receive");
  });

  test("has the id of its delivery, and an event its own", async () => {
    const { desk, receiver } = await openDesk();
    const request = (text: string) => ({
      method: "POST",
      path: "/",
      headers: { "x-zendesk-webhook-invocation-id": "invocation-7" },
      body: Buffer.from(text),
      receivedAtMs: 0,
    });
    expect(receiver().identify?.(request(body(desk.open())))).toBe("invocation-7");
    expect(receiver().identify?.(request('{"type":"zen:event-type:ticket.created","id":"event-7","ticket_id":7}'))).toBe(
      "event-7",
    );
  });
});

test("an event by a receiver with credentials has the names of all people in it", async () => {
  const { desk, push } = await openDesk();

  desk.open({ subject: "Printer" });
  const [step] = desk.steps;
  const bodies = step === undefined ? [] : envelopesOf(step, desk);
  const { episodesOf: mapped } = await push();
  const [episode] = await mapped(JSON.stringify(bodies[0]));
  expect([episode?.text.split("\n")[0], episode?.breadcrumb, episode?.author?.kind]).toEqual([
    "Carl Customer opened a ticket: Printer",
    "Acme > Globex > Printer",
    "external",
  ]);
});

describe("an event of a rating, whose own words are not documented", () => {
  const eventOf = (desk: HelpDesk) => {
    const ticket = desk.open({ subject: "The printer burns", at: minute(0) });
    desk.rate(ticket, "bad", "Too slow", minute(1));
    const [step] = desk.stepsOf(ticket.id);
    return JSON.stringify(step && envelope("ticket.csat_received", step, ticket, { satisfaction_score: { score: "BAD" } }));
  };

  test("has the ticket read with credentials", async () => {
    const { desk, push, receiver } = await openDesk();
    const event = eventOf(desk);
    expect(receiver().respond?.(sent(event))).toBeUndefined();
    const texts = (await (await push()).episodesOf(event)).map(({ text }) => text);
    expect(texts).toContain("Carl Customer rated the support bad: Too slow (The printer burns)");
  });

  test("makes the twin read without credentials, and is answered where nothing can read", async () => {
    const { desk, receiver } = await openDesk();
    const event = eventOf(desk);
    const withTwin = receiver({ oauth_token: undefined }, { twin: "history" });
    expect(withTwin.receive?.(sent(event))).toMatchObject({ type: "trigger", id: expect.stringContaining("csat") as string });
    const alone = receiver({ oauth_token: undefined }).respond?.(sent(event));
    expect(alone).toMatchObject({ ignored: "type_not_mapped", event: "ticket.csat_received" });
  });

  test("is kept as failed where it names no ticket", async () => {
    const { desk, push, receiver } = await openDesk();
    const event = eventOf(desk).replace(/"id":"\d+","is_public"/, '"id":null,"is_public"');
    expect(receiver().respond?.(sent(event))).toBeUndefined();
    expect(receiver({ oauth_token: undefined }, { twin: "history" }).receive?.(sent(event))).toMatchObject({ type: "event" });
    const error: unknown = await (await push()).episodesOf(event).catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "ZENDESK_ITEM_UNMAPPABLE")).toBe(true);
  });
});
