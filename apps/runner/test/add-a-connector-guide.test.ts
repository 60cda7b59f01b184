import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Connector, type ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { parseSinceDefault } from "@statewave-connectors/connector-sdk/options";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { type ConnectorSubject, type ReceiverSubject, signAs } from "@statewave-connectors/testing";
import { connectorCasesFor, receiverCasesFor, runConnectorCase, runReceiverCase } from "@statewave-connectors/testing/cases";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const guide = readFileSync(join(repository, "docs/guides/add-a-connector.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "connector-guide-"));
const files = new Map(
  Array.from(guide.matchAll(/^```ts\n\/\/ (src\/\S+\.ts)\n([^]*?)^```/gm), ([, name = "", text = ""]) => [name, text]),
);

/** The connector that the pieces of the guide are made for. */
const whole = `import { defineConnector, type PullSource } from "@statewave-connectors/connector-sdk";
import { rotatingSecret, streamList } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { openPush } from "./receive.ts";
import { samples } from "./samples.ts";
import { streamNames, streams } from "./streams.ts";
const config = v.strictObject({ include: v.optional(streamList(streamNames)) });
const open = (): PullSource => ({ async *pages() {} });
export const connector = defineConnector({
  kind: "desk",
  version: "1.0.0",
  pull: { config, open, ...streams.declared },
  push: { config: v.strictObject({ secret: rotatingSecret() }), open: openPush, samples },
});
`;

/** Every file of the guide in a package of its own, with what the template has installed. */
beforeAll(() => {
  mkdirSync(join(folder, "src"));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "src/whole.ts"), whole);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(join(repository, "packages/connector-example/node_modules"), join(folder, "node_modules"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file of the guide exports; the type check below is what knows its types. */
async function exportsOf(name: string): Promise<Record<string, (...args: readonly unknown[]) => unknown>> {
  return (await import(pathToFileURL(join(folder, name)).href)) as never;
}

const clock = new FakeClock();
let tokens = 0;

function contextWith(answer: (url: URL, init: RequestInit) => Response): ConnectorContext {
  return {
    source: { kind: "desk", name: "support" },
    baseDir: folder,
    clock,
    random: () => 0.5,
    fetch: async (input, init = {}) => answer(new URL(input instanceof Request ? input.url : input), init),
    logger: silentLogger,
    reportHealth: () => undefined,
    storage: storageInMemory(clock),
  };
}

/** A pause of one token must not hold up another example. */
async function openDesk(context: ConnectorContext): Promise<unknown> {
  const { openClient } = await exportsOf("src/client.ts");
  tokens += 1;
  return openClient?.({ base_url: "http://desk.invalid", token: new Secret(`t${tokens}`) }, context);
}

async function all<Item>(items: unknown): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items as AsyncIterable<Item>) found.push(item);
  return found;
}

const { signal } = new AbortController();
const ticket = (id: number, updatedAt = `2025-12-31T00:00:0${id}Z`) => ({ id, updated_at: updatedAt });

test("every example of the guide type-checks", { timeout: 120_000 }, () => {
  const compilerOptions = {
    noEmit: true,
    // As the build of a connector has it: what is exported must be nameable.
    declaration: true,
    allowImportingTsExtensions: true,
    customConditions: ["@statewave-connectors/source"],
    typeRoots: [join(repository, "node_modules/@types")],
  };
  const config = { extends: join(repository, "tsconfig.base.json"), compilerOptions, include: ["src"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
  expect(Array.from(guide.matchAll(/^```ts$/gm))).toHaveLength(files.size);
});

describe("the smallest connector", () => {
  const entries = Array.from({ length: 350 }, (_, at) => ({ id: at + 1, title: `Entry ${at + 1}`, at: "2026-01-01T00:00:00Z" }));
  const provider = {
    maxRequestsPerPage: 1,
    rateLimited: () => new Response("{}", { status: 429, headers: { "retry-after": "120" } }),
    unauthorized: () => new Response("{}", { status: 401 }),
    lists: { items: "entries", more: "more", size: "limit" },
  };

  function subject(connector: Connector): ConnectorSubject {
    return {
      connector,
      provider,
      open() {
        const own = [...entries];
        tokens += 1;
        return {
          options: { base_url: "http://feed.invalid", token: `feed-${tokens}` },
          maxEpisodesPerPage: 100,
          rawItems: () => own.map((raw) => ({ id: String(raw.id), raw })),
          breakOne: () => void own.splice(6, 1, { ...entries[6], title: 7 } as never),
          fetch: async (input) => {
            const { searchParams } = new URL(input instanceof Request ? input.url : input);
            const behind = own.filter(({ id }) => id > Number(searchParams.get("after")));
            const limit = Number(searchParams.get("limit"));
            return Response.json({ entries: behind.slice(0, limit), more: behind.length > limit });
          },
        };
      },
    };
  }

  test.each(connectorCasesFor({ provider }).map((each) => [each.title, each] as const))("%s", async (_, connectorCase) => {
    const { connector } = (await exportsOf("src/connector.ts")) as unknown as { readonly connector: Connector };
    await expect(runConnectorCase(connectorCase, subject(connector))).resolves.toBeUndefined();
  });

  test("has at most 35 lines of code", () => {
    const lines = (files.get("src/connector.ts") ?? "").split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.length).toBeLessThanOrEqual(35);
  });
});

describe("the provider of the guide", () => {
  test.each([
    ["a quota", new Response(JSON.stringify({ error: "Quota exceeded" }), { status: 403 }), "DESK_RATE_LIMITED"],
    ["another 403", new Response("{}", { status: 403 }), "DESK_FORBIDDEN"],
    ["a plan", new Response(JSON.stringify({ error: "plan_required" }), { status: 404 }), "DESK_FORBIDDEN"],
    ["another 404", new Response("{}", { status: 404 }), "DESK_NOT_FOUND"],
    ["a refusal with 200", Response.json({ ok: false }), "DESK_REFUSED"],
  ])("says %s by its own code", async (_, answer, code) => {
    const client = (await openDesk(contextWith(() => answer))) as { get(path: string, options: object): Promise<unknown> };
    const error: unknown = await client.get("tickets", { signal }).catch((thrown: unknown) => thrown);
    expect(isProviderError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringContaining('[[pull.desk]] name = "support"') });
  });

  test("checks each stream for itself, so that one without the right hides no other", async () => {
    const { checkStreams } = await exportsOf("src/check.ts");
    const context = contextWith(({ pathname }) => new Response("[]", { status: pathname === "/tickets" ? 403 : 200 }));
    expect(await checkStreams?.(await openDesk(context), ["tickets", "articles"], signal)).toMatchObject([
      { ok: false, message: expect.stringContaining("DESK_FORBIDDEN"), error: { code: "DESK_FORBIDDEN" } },
      { ok: true, message: "articles can be read" },
    ]);
  });

  test("sends the token of its OAuth client", async () => {
    const sent: (string | null)[] = [];
    const context = contextWith((url, { headers }) => {
      if (url.pathname === "/oauth/token")
        return Response.json({ access_token: "minted", token_type: "bearer", expires_in: 3600 });
      sent.push(new Headers(headers).get("authorization"));
      return Response.json([]);
    });
    const { openOauthClient } = await exportsOf("src/oauth-client.ts");
    const options = { base_url: "http://desk.invalid", client_id: "id", client_secret: new Secret("client-secret") };
    const client = openOauthClient?.(options, context) as { get(path: string, options: object): Promise<unknown> };
    await client.get("tickets", { signal });
    expect(sent).toEqual(["Bearer minted"]);
  });
});

describe("lists of the guide", () => {
  test("are read by link to the end, and resumed from a link", async () => {
    const requested: string[] = [];
    const context = contextWith((url) => {
      requested.push(url.pathname + url.search);
      if (url.searchParams.has("page")) return Response.json([ticket(3)]);
      return Response.json([ticket(1), ticket(2)], { headers: { link: '</tickets?page=2>; rel="next"' } });
    });
    const { ticketsByLink } = await exportsOf("src/by-link.ts");
    const pages = await all<{ items: readonly { id: number }[]; next?: string }>(
      ticketsByLink?.(await openDesk(context), undefined, signal),
    );
    expect(pages.map(({ items }) => items.map(({ id }) => id))).toEqual([[1, 2], [3]]);
    const rest = await all<{ items: readonly { id: number }[] }>(
      ticketsByLink?.(await openDesk(context), pages[0]?.next, signal),
    );
    expect(rest.map(({ items }) => items.map(({ id }) => id))).toEqual([[3]]);
    expect(requested).toEqual(["/tickets?per_page=100", "/tickets?page=2", "/tickets?page=2"]);
  });

  test("are walked by time, and a row is yielded once", async () => {
    const rows = [ticket(1), ticket(2)];
    const date = { date: new Date(clock.now()).toUTCString() };
    const context = contextWith((url) => {
      const since = url.searchParams.get("updated_since");
      return Response.json(
        rows.filter((row) => since === null || row.updated_at >= since),
        { headers: date },
      );
    });
    const { changedTickets } = await exportsOf("src/by-time.ts");
    const { firstState } = await exportsOf("src/first-state.ts");
    const client = await openDesk(context);
    const walk = async (state: unknown) =>
      await all<{ rows: readonly { id: number }[]; state: unknown }>(changedTickets?.(client, state, context, signal));
    const first = await walk(firstState?.(parseSinceDefault("2025-12-01"), clock.now()));
    rows.push(ticket(3));
    const second = await walk(first.at(-1)?.state);
    expect([first, second].map((pages) => pages.flatMap((page) => page.rows.map(({ id }) => id)))).toEqual([[1, 2], [3]]);
  });

  test("are stored with the page, so that a first sync is bounded once and a later one resumes", async () => {
    const requester = { email: "ann@example.com", name: "Ann", is_agent: false };
    const rows = [1, 2].map((id) => ({ ...ticket(id), subject: `Ticket ${id}`, html: "", requester }));
    const requested: (string | null)[] = [];
    const context = contextWith((url) => {
      requested.push(url.searchParams.get("updated_since"));
      return Response.json(rows, { headers: { date: new Date(clock.now()).toUTCString() } });
    });
    const { ticketPages } = await exportsOf("src/ticket-pages.ts");
    const run = { client: await openDesk(context), since: parseSinceDefault("2025-12-01"), context };
    const walk = async (stored?: string) =>
      await all<{ episodes: readonly object[]; failures: readonly object[]; cursor: string }>(ticketPages?.(run, stored, signal));
    const first = await walk();
    rows.push({ ...ticket(3), subject: "Ticket 3", html: "", requester }, { ...ticket(4), subject: 7 } as never, null as never);
    const second = await walk(first.at(-1)?.cursor);
    expect(requested[0]).toBe("2025-12-01T00:00:00Z");
    expect([first, second].map((pages) => pages.flatMap(({ episodes }) => episodes).length)).toEqual([2, 1]);
    expect(second.flatMap(({ failures }) => failures)).toMatchObject([{ id: "", raw: null }, { id: "4" }]);
  });

  test("begin where since_default says, and at the beginning without it", async () => {
    const { firstState } = await exportsOf("src/first-state.ts");
    expect(firstState?.(parseSinceDefault("90d"), Date.parse("2026-04-01T00:00:00Z"))).toEqual({
      since: "2026-01-01T00:00:00Z",
      seen: {},
    });
    expect(firstState?.(undefined, clock.now())).toEqual({ seen: {} });
  });
});

test("a stream of the guide that fails keeps no other from being read, and can be reset alone", async () => {
  const { openStreams, streams } = await exportsOf("src/streams.ts");
  const { declared } = streams as unknown as {
    declared: { streams(options: object): unknown; resetStream(options: object, cursor: string, stream: string): string };
  };
  const read: string[] = [];
  async function* readStream(stream: string, state: string | undefined) {
    if (stream === "tickets") throw new Error("tickets cannot be read");
    read.push(`${stream} from ${state ?? "the beginning"}`);
    yield { episodes: [], state: "7" };
  }
  const pages = openStreams?.(
    {},
    readStream,
    contextWith(() => new Response()),
  ) as (stored: string | undefined, signal: AbortSignal) => AsyncIterable<{ cursor: string }>;
  const cursors: string[] = [];
  const walk = async (stored?: string) => {
    for await (const { cursor } of pages(stored, signal)) cursors.push(cursor);
  };
  await expect(walk()).rejects.toThrow(/1 of 2 streams could not be read: tickets/);
  await expect(walk(cursors.at(-1))).rejects.toThrow(/tickets/);
  expect(read).toEqual(["articles from the beginning", "articles from 7"]);
  expect(declared.streams({ include: ["articles"] })).toEqual(["articles"]);
  expect(JSON.parse(declared.resetStream({}, cursors.at(-1) ?? "", "articles"))).toMatchObject({ v: 1, streams: {} });
  expect(() => declared.resetStream({}, cursors.at(-1) ?? "", "users")).toThrow(/the entry has no stream "users"/);
});

test("a signed webhook of the guide becomes an episode whose subject is the person", async () => {
  const { openPush, signature } = await exportsOf("src/receive.ts");
  const receiver = openPush?.({ secret: [new Secret("s")] }) as ReturnType<NonNullable<Connector["push"]>["open"]>;
  const requester = { email: " Ann@Example.com", name: "Ann", is_agent: false };
  const body = Buffer.from(JSON.stringify({ ...ticket(7), subject: "Import fails", html: "<p>Again</p>", requester }));
  const headers = signAs(signature as never).sign({ body, secret: "s", atMs: clock.now() });
  const request = { method: "POST", path: "/", headers, body, receivedAtMs: clock.now() };
  expect(await receiver.verify?.(request, signal)).toBeUndefined();
  expect(await receiver.verify?.({ ...request, body: Buffer.from("{}") }, signal)).toBeDefined();
  expect(receiver.respond?.({ ...request, headers: { "x-desk-event": "ping" } })).toMatchObject({ ignored: "ping" });
  const [page] = await all<{ episodes: readonly object[] }>(receiver.pages({ headers: {}, body, receivedAtMs: 0 }, signal));
  expect(page?.episodes).toMatchObject([
    {
      subject: "person:ann@example.com",
      text: "Ann in ticket 7: Import fails\nAgain",
      author: { kind: "external" },
      session: "desk-7",
    },
  ]);
});

describe("the receiver of the guide", () => {
  test.each(
    receiverCasesFor({ signatureHeader: "x-desk-signature", toleranceSeconds: 300, secrets: 2 }).map(
      (each) => [each.title, each] as const,
    ),
  )("%s", async (_, receiverCase) => {
    const { connector } = (await exportsOf("src/whole.ts")) as unknown as { readonly connector: Connector };
    const { signature } = await exportsOf("src/receive.ts");
    const requester = { email: "ann@example.com", name: "Ann", is_agent: false };
    const body = JSON.stringify({ ...ticket(7), subject: "Import fails", html: "<p>Again</p>", requester });
    const subject: ReceiverSubject = {
      connector,
      ...signAs(signature as never),
      options: (secrets) => ({ secret: secrets }),
      samples: [{ name: "a ticket", body, headers: { "x-desk-delivery": "d1" }, id: "d1", kinds: ["desk.ticket.updated"] }],
    };
    await expect(runReceiverCase(receiverCase, subject)).resolves.toBeUndefined();
  });
});

test("the guide names only files that the template has", () => {
  const table = guide.slice(guide.indexOf("| file"), guide.indexOf("`npm run docs`"));
  const named = Array.from(table.matchAll(/`([\w/.-]+\.(?:ts|md))`/g), ([, name = ""]) => name);
  const folders = ["", "src/"].map((name) => join(repository, "packages/connector-example", name));
  const missing = named.filter((file) => folders.every((inside) => !isReadable(join(inside, file))));
  expect(named.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});

function isReadable(path: string): boolean {
  try {
    return readFileSync(path, "utf8") !== "";
  } catch {
    return false;
  }
}
