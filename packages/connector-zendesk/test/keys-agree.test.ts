import type { Episode } from "@statewave-connectors/connector-sdk";
import { openEntry } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { fillDesk } from "../src/testing/index.ts";
import { allEpisodes } from "./all-episodes.ts";
import { episodesOf, openDesk } from "./open-desk.ts";

const identityOf = ({ idempotency_key, kind, subject, session, source }: Episode) =>
  JSON.stringify({ idempotency_key, kind, subject, session, id: source.id });
const onlyPull = new Set(["zendesk.ticket.rated"]);
const onlyPush = new Set(["zendesk.attachment.added", "zendesk.ticket.deleted", "zendesk.ticket.restored"]);

test("push and pull give the same event the same key, kind, subject and session", async () => {
  const made = await allEpisodes();
  const seen = (way: string, without: ReadonlySet<string>) =>
    new Set(
      [...made]
        .filter(([input]) => input.startsWith(way))
        .flatMap(([, episodes]) => episodes)
        .filter(({ kind }) => !without.has(kind))
        .map(identityOf),
    );
  const pulled = seen("pull", onlyPull);
  expect(pulled.size).toBeGreaterThan(11);
  expect([...seen("push", onlyPush)].toSorted()).toEqual([...pulled].toSorted());
});

test("no event that comes both ways makes two episodes of a kind with different keys", async () => {
  const made = await allEpisodes();
  const keysOf = new Map<string, Set<string>>();
  for (const { kind, idempotency_key, occurred_at } of [...made.values()].flat()) {
    if (onlyPush.has(kind)) continue;
    const at = `${kind} ${occurred_at}`;
    keysOf.set(at, (keysOf.get(at) ?? new Set()).add(idempotency_key));
  }
  expect([...keysOf].filter(([, keys]) => keys.size > 1)).toEqual([]);
});

test("two accounts with the same ids share no key, subject or session", async () => {
  const { clock, desk, fake } = await openDesk();
  fillDesk(desk, { tickets: 3, commentsPerTicket: 1 });
  const namesIn = async (subdomain: string) => {
    const { walk } = await openEntry(connector, { subdomain, oauth_token: fake.token, base_url: fake.url }, { clock });
    return episodesOf(await walk()).flatMap(({ idempotency_key: key, subject, session }) => [key, subject, session]);
  };
  const one = new Set(await namesIn("acme"));
  expect(one.size).toBeGreaterThan(8);
  expect((await namesIn("globex")).filter((name) => one.has(name))).toEqual([]);
});
