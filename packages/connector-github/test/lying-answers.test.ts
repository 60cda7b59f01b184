import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 400, comments: 0, reviewComments: 0, releases: 0, reviewsPerPull: 2 };

/** Sends requests on, but answers those to GraphQL as `change` makes of the true answer. */
function changingGraphql(change: (answer: string, request: string) => string | undefined): typeof globalThis.fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!new Request(url).url.endsWith("/graphql")) return response;
    const text = await response.text();
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    headers.delete("content-encoding");
    return new Response(change(text, typeof init?.body === "string" ? init.body : "") ?? text, { status: 200, headers });
  };
}

test.each([
  { title: "null", endCursor: "null" },
  { title: "an empty text", endCursor: '""' },
])("a page that promises more pull requests but has $title as its cursor is an error, not the end", async ({ endCursor }) => {
  const lie = changingGraphql((text) => text.replace(/"endCursor":"[^"]*"/, `"endCursor":${endCursor}`));
  const { source } = await openSource({ ...shape, fetch: lie });

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_NEXT_PAGE_MISSING") && error.retryable).toBe(true);
});

test("a page whose cursor leads to itself is an error, and is not requested for ever", async () => {
  let cursor: string | undefined;
  const lie = changingGraphql((text) => {
    cursor ??= /"endCursor":"([^"]*)"/.exec(text)?.[1];
    return text.replace(/"endCursor":"[^"]*"/, `"endCursor":"${cursor}"`).replace('"hasNextPage":false', '"hasNextPage":true');
  });
  const { fake, source } = await openSource({ ...shape, fetch: lie });

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_PAGE_REPEATED")).toBe(true);
  expect(fake.log.filter((line) => line.includes("graphql")).length).toBeLessThan(20);
});

test("earlier reviews of one pull request that promise more without a cursor are an error", async () => {
  const lie = changingGraphql((text) =>
    text.includes('"hasPreviousPage":true') ? text.replaceAll(/"startCursor":"[^"]*"/g, '"startCursor":null') : undefined,
  );
  const { fake, source } = await openSource({ ...shape, issues: 4, fetch: lie });
  for (let at = 0; at < 120; at += 1) fake.repository.addReview(4);

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_NEXT_PAGE_MISSING")).toBe(true);
});

test("an item that GraphQL cannot answer for is a failed item, and all others are read", async () => {
  const busy = { ...shape, issues: 300, comments: 100, reopenedEvery: 3 };
  const whole = await read((await openSource(busy)).source);
  let broken: string | undefined;
  const poison = changingGraphql((_, request) => {
    const ids: unknown = JSON.parse(request).variables.ids;
    if (!Array.isArray(ids)) return undefined;
    broken ??= ids[7] as string;
    return ids.includes(broken)
      ? '{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}'
      : undefined;
  });
  const { source } = await openSource({ ...busy, fetch: poison });

  const { pages, keys } = await read(source);

  const failures = pages.flatMap((page) => page.failures ?? []);
  expect(failures.map(({ id }) => id)).toEqual([`acme/widgets/changes/${broken}`]);
  const missing = [...whole.keys].filter((key) => !keys.has(key));
  expect(missing.length).toBeLessThanOrEqual(2);
});

const somethingWentWrong = '{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}';

test("a pull request that GraphQL cannot return with its reviews costs no other, and its reviews are read by themselves", async () => {
  const whole = await read((await openSource({ ...shape, entry: { include: ["reviews"] } })).source);
  const poison = changingGraphql((answer, request) => {
    const isList = request.includes("pullRequests(") && request.includes("reviews(");
    return isList && answer.includes('"number":200,') ? somethingWentWrong : undefined;
  });
  const { fake, source } = await openSource({ ...shape, entry: { include: ["reviews"] }, fetch: poison });

  const { pages, keys } = await read(source);

  expect(keys).toEqual(whole.keys);
  expect(pages.flatMap((page) => page.failures ?? [])).toEqual([]);
  expect(fake.log.filter((line) => line.includes("graphql")).length).toBeLessThan(60);
});

test("a review that GraphQL cannot return is a failed item, and all others are read", async () => {
  const entry = { include: ["reviews"] };
  const whole = await read((await openSource({ ...shape, entry })).source);
  const [broken] = (await openSource({ ...shape, entry })).fake.repository.reviews(200);
  const id = String(broken?.["id"]);
  const poison = changingGraphql((answer, request) =>
    request.includes("submittedAt") && answer.includes(`"fullDatabaseId":"${id}"`) ? somethingWentWrong : undefined,
  );
  const { source } = await openSource({ ...shape, entry, fetch: poison });

  const { pages, keys } = await read(source);

  const failures = pages.flatMap((page) => page.failures ?? []);
  expect(failures.map((failure) => failure.id)).toEqual([`acme/widgets#200/review/${id}`]);
  const missing = whole.episodes.filter(({ idempotency_key: key }) => !keys.has(key));
  expect([...new Set(missing.map(({ source: { id: of } }) => of))]).toEqual([`acme/widgets#200/review/${id}`]);
});

test.each(["issues?", "issues/comments?", "pulls/comments?"])(
  "a row that GitHub cannot return in %s is a failed item, and all others are read",
  async (list) => {
    const busy = { ...shape, issues: 120, comments: 150, reviewComments: 120, withToken: false };
    const whole = await read((await openSource(busy)).source);
    let broken: unknown;
    // Links name the repository by its id.
    const isOfList = (url: string) => ["/acme/widgets/", "/repositories/4711/"].some((path) => url.includes(path + list));
    const poison: typeof globalThis.fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (response.status !== 200 || !isOfList(new Request(url).url)) return response;
      const text = await response.text();
      const rows = JSON.parse(text) as readonly { readonly id: number }[];
      broken ??= rows[57]?.id;
      const isBroken = rows.some(({ id }) => id === broken);
      const headers = new Headers(response.headers);
      headers.delete("content-length");
      headers.delete("content-encoding");
      return isBroken ? new Response("<html>502</html>", { status: 502 }) : new Response(text, { status: 200, headers });
    };
    const { source } = await openSource({ ...busy, fetch: poison });

    const { pages, keys } = await read(source);

    const failures = pages.flatMap((page) => page.failures ?? []);
    expect([...new Set(failures.map(({ id }) => id.split(":")[0]))]).toEqual([`repos/acme/widgets/${list.slice(0, -1)}`]);
    expect(failures.every(({ raw }) => raw === undefined)).toBe(true);
    expect(keys.size).toBeLessThan(whole.keys.size);
    expect(keys.size).toBeGreaterThanOrEqual(whole.keys.size - 5);
  },
);
