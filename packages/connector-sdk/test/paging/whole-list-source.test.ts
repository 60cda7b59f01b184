import { expect, test } from "vitest";
import { silentLogger, systemClock } from "../../src/host/index.ts";
import { type ConnectorContext, idempotencyKey } from "../../src/index.ts";
import { ProviderClient } from "../../src/http/index.ts";
import { wholeListSource } from "../../src/paging/index.ts";
import { storageInMemory } from "../../src/store/index.ts";

interface Day {
  readonly id: string;
}

const changedAt = "Sat, 07 Sep 2002 00:00:01 GMT";

/** A calendar that knows the time of its last change, and the headers of what was requested. */
function openCalendar(answer: () => unknown) {
  const requests: Headers[] = [];
  const context: ConnectorContext = {
    source: { kind: "calendar", name: "main" },
    baseDir: "/nowhere",
    clock: systemClock,
    random: () => 0.5,
    logger: silentLogger,
    reportHealth: () => undefined,
    storage: storageInMemory(systemClock),
    async fetch(_, init) {
      const headers = new Headers(init?.headers);
      requests.push(headers);
      const isKnown = headers.get("if-modified-since") === changedAt;
      return isKnown ? new Response(null, { status: 304 }) : Response.json(answer(), { headers: { "last-modified": changedAt } });
    },
  };
  const client = new ProviderClient({
    provider: "Calendar",
    codePrefix: "CALENDAR",
    baseUrl: "https://calendar.invalid",
    context,
  });
  const source = wholeListSource<Day>({
    kind: "calendar",
    client,
    target: "days",
    form: "a list of days",
    itemsOf: (body) => (body as { readonly days: readonly Day[] }).days.map((day) => day),
    idOf: ({ id }) => id,
    map: (raw) => {
      const { id } = raw as Day;
      const named = { subject: "calendar:main", kind: "calendar.day.came", source: { type: "calendar.day", id }, text: id };
      return [{ ...named, occurred_at: `${id}T00:00:00Z`, idempotency_key: idempotencyKey("calendar", id) }];
    },
    context,
  });
  const walk = async (cursor?: string) => {
    const pages = [];
    for await (const page of source.pages(cursor, new AbortController().signal)) pages.push(page);
    return { texts: pages.flatMap(({ episodes }) => episodes.map(({ text }) => text)), cursor: pages.at(-1)?.cursor };
  };
  return { source, walk, requests };
}

test("yields new items, and nothing for a list that did not change since", async () => {
  const { walk, requests } = openCalendar(() => ({ days: [{ id: "2025-01-01" }, { id: "2025-01-02" }] }));
  const { texts, cursor } = await walk();
  expect(texts).toEqual(["2025-01-01", "2025-01-02"]);
  expect(await walk(cursor)).toEqual({ texts: [], cursor: undefined });
  expect(requests.map((headers) => headers.get("if-modified-since"))).toEqual([null, changedAt]);
});

test.each([
  ["a walk", async ({ walk }: ReturnType<typeof openCalendar>) => walk()],
  ["a check", async ({ source }: ReturnType<typeof openCalendar>) => source.check(new AbortController().signal)],
])("ends %s with an error that names the form, for an answer of another", async (_, act) => {
  const error = await act(openCalendar(() => ({ weeks: [] }))).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "CALENDAR_BAD_ANSWER", retryable: true, cause: expect.any(TypeError) });
  expect(String(error)).toContain("is not a list of days");
});
