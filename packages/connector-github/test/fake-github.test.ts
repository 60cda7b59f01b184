import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { FakeGithub, type FakeGithubOptions } from "../src/testing/fake-github.ts";

// The fake's own promises: what a connector that passes here could still get wrong against github.com is what the fake gets wrong.

async function start(options: FakeGithubOptions = {}) {
  const fake = await FakeGithub.start(options);
  onTestFinished(() => fake.close());
  /** Undefined-ness and shape are the tests' own business. */
  const json = async <Shape>(path: string): Promise<Shape> => JSON.parse(await (await get(path)).text()) as Shape;
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(fake.url + path, {
      headers: { "user-agent": "test", authorization: `Bearer ${fake.token}`, ...headers },
      redirect: "manual",
    });
  return { fake, get, json };
}

test("lists open issues, newest first, 30 to a page by default, and never more than 100", async () => {
  const { json } = await start({ issues: 500 });
  const page = await json<readonly { number: number; state: string }[]>("/repos/acme/widgets/issues");
  const large = await json<readonly unknown[]>("/repos/acme/widgets/issues?per_page=1000");

  expect(page.length).toBe(30);
  expect(page.every((row) => row.state === "open")).toBe(true);
  expect(page[0]!.number).toBeGreaterThan(page[29]!.number);
  expect(large.length).toBe(100);
});

test("links issues by cursor and refuses deep numbered pages", async () => {
  const { get } = await start({ issues: 3_000 });
  const first = await get("/repos/acme/widgets/issues?state=all&per_page=100");

  expect(first.headers.get("link")).toMatch(/\/repositories\/4711\/issues\?.*after=.*rel="next"/);
  expect((await get("/repos/acme/widgets/issues?state=all&per_page=100&page=11")).status).toBe(422);
});

test("numbers the pages of comments and gives no Link where all fits on one", async () => {
  const { get } = await start({ comments: 250 });

  expect((await get("/repos/acme/widgets/issues/comments?per_page=100")).headers.get("link")).toMatch(
    /page=2>; rel="next".*page=3>; rel="last"/,
  );
  expect((await get("/repos/acme/widgets/releases")).headers.get("link")).toBeNull();
});

test("since is inclusive and filters on the last update", async () => {
  const { fake, json } = await start({ issues: 50 });
  const second = fake.repository.issues.updatedSeconds(40)!;
  const since = new Date(second * 1_000).toISOString().replace(".000Z", "Z");
  const rows = await json<readonly { number: number }[]>(
    `/repos/acme/widgets/issues?state=all&sort=updated&direction=asc&since=${since}`,
  );

  expect(rows.map((row) => row.number)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
});

test("direction is ignored without sort in comment lists", async () => {
  const { json } = await start({ comments: 50 });
  const ids = async (query: string) => {
    const rows = await json<readonly { id: number }[]>(`/repos/acme/widgets/issues/comments?${query}`);
    return rows.map((row) => row.id);
  };

  expect(await ids("direction=desc")).toEqual(await ids(""));
  expect((await ids("sort=updated&direction=desc"))[0]).toBe(1_000_000_049);
});

test("a 304 is free with a token and costs one without", async () => {
  const { get } = await start();
  const remaining = async (headers: Record<string, string>) => {
    const first = await get("/repos/acme/widgets/issues", headers);
    const second = await get("/repos/acme/widgets/issues", { ...headers, "if-none-match": first.headers.get("etag")! });
    expect(second.status).toBe(304);
    return Number(first.headers.get("x-ratelimit-remaining")) - Number(second.headers.get("x-ratelimit-remaining"));
  };

  expect(await remaining({})).toBe(0);
});

test.each([
  { title: "without User-Agent", path: "/repos/acme/widgets", headers: { "user-agent": "" }, status: 403 },
  { title: "with a wrong token", path: "/repos/acme/widgets", headers: { authorization: "Bearer x" }, status: 401 },
  { title: "with a slash at the end", path: "/repos/acme/widgets/", headers: {}, status: 404 },
  { title: "in an unknown version", path: "/repos/acme/widgets", headers: { "x-github-api-version": "1999-01-01" }, status: 400 },
  { title: "for another repository", path: "/repos/acme/other", headers: {}, status: 404 },
])("answers $status to a request $title", async ({ path, headers, status }) => {
  const { get } = await start();

  expect((await get(path, headers)).status).toBe(status);
});

test("GraphQL refuses connections without a bound, too large ones, unknown fields and anonymous callers", async () => {
  const { fake } = await start();
  const ask = async (fields: string, authorization = `Bearer ${fake.token}`) => {
    const query = `{ repository(owner: "acme", name: "widgets") { ${fields} } }`;
    const response = await fetch(`${fake.url}/graphql`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ query }),
    });
    const answer = JSON.parse(await response.text()) as { errors?: readonly { type?: string }[]; message?: string };
    return answer.errors?.[0]?.type ?? answer.errors ?? answer.message ?? "fine";
  };
  const order = "orderBy: {field: UPDATED_AT, direction: DESC}";

  expect(await ask(`pullRequests(first: 1, ${order}) { nodes { number } }`)).toBe("fine");
  expect(await ask(`pullRequests(${order}) { nodes { number } }`)).toBe("MISSING_PAGINATION_BOUNDARIES");
  expect(await ask(`pullRequests(first: 101, ${order}) { nodes { number } }`)).toBe("EXCESSIVE_PAGINATION");
  expect(await ask("pullRequests(first: 1, since: 1) { nodes { number } }")).toMatchObject([
    { extensions: { code: "undefinedField" } },
  ]);
  expect(await ask("nameWithOwner", "Bearer wrong")).toBe("Bad credentials");
});

test("runs as a process that another one can drive", async () => {
  const main = new URL("../src/testing/main.ts", import.meta.url);
  const child = spawn(process.execPath, [
    "--conditions=@statewave-connectors/source",
    main.pathname,
    "--issues",
    "7",
    "--until-stdin-ends",
  ]);
  const ended = once(child, "exit");
  const [line] = await once(child.stdout, "data");
  const { url } = JSON.parse(String(line)) as { url: string };
  const number: unknown = await (await fetch(`${url}/_fake/addIssue`, { method: "POST", body: '[{"title":"by hand"}]' })).json();
  const expected = JSON.parse(await (await fetch(`${url}/_fake/expected`)).text()) as Record<string, number>;
  child.stdin.end();
  await ended;

  expect(number).toBe(8);
  expect(expected["github.issue.opened"]! + expected["github.pr.opened"]!).toBe(8);
});
