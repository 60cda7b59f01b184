import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { expectedEpisodes } from "../src/testing/expected.ts";
import { countKinds, openEntry, openSource, type OpenOptions, read } from "./open-source.ts";

const small = { issues: 20, comments: 30, reviewComments: 8, releases: 2 };
const others = [
  { ...small, fullName: "acme/api-one" },
  { ...small, fullName: "acme/api-two", isPrivate: true },
  { ...small, fullName: "other/thing" },
];
const openMany = (options: OpenOptions) =>
  openSource({ ...small, others, ...options, entry: { repo: undefined, ...options.entry } });
const subjectsOf = (episodes: readonly { subject: string }[]) => [...new Set(episodes.map(({ subject }) => subject))].toSorted();

test("reads every repository that repos names, each whole, and costs five free requests each when nothing happened", async () => {
  const { fake, source, clock } = await openMany({ entry: { repos: ["acme/widgets", "ACME/api-two", "other/thing"] } });

  const first = await read(source);
  const read3 = [fake.repositories[0]!, fake.repositories[2]!, fake.repositories[3]!];
  const expected = read3.map(expectedEpisodes);
  const total = Object.fromEntries(
    Object.keys(Object.assign({}, ...expected)).map((kind) => [
      kind,
      expected.reduce((sum, counts) => sum + (counts[kind] ?? 0), 0),
    ]),
  );
  clock.set(clock.now() + 600_000);
  fake.forget();
  const second = await read(source, first.cursor);

  expect(countKinds(first.episodes)).toEqual(total);
  expect(first.keys.size).toBe(first.episodes.length);
  expect(second.episodes).toEqual([]);
  expect(fake.log).toHaveLength(15);
  expect(fake.log.every((line) => line.endsWith(" 304"))).toBe(true);
});

test("reads all repositories of an organization, and those that appear later from their beginning", async () => {
  const { fake, source } = await openMany({ entry: { org: "acme" } });
  const hidden = fake.repositories.splice(2, 1);
  const first = await read(source);
  fake.repositories.push(...hidden);
  const second = await read(source, first.cursor);

  expect(subjectsOf(first.episodes)).toEqual(["repo:acme/api-one", "repo:acme/widgets"]);
  expect(subjectsOf(second.episodes)).toEqual(["repo:acme/api-two"]);
  expect(countKinds(second.episodes)).toEqual(expectedEpisodes(hidden[0]!));
});

test("an organization whose list did not change is a free request more", async () => {
  const { fake, source } = await openMany({ entry: { org: "acme" } });
  const first = await read(source);
  fake.forget();
  await read(source, first.cursor);

  expect(fake.log).toHaveLength(16);
  expect(fake.log.every((line) => line.endsWith(" 304"))).toBe(true);
});

test.each([
  { entry: { include_repos: ["api-*"] }, subjects: ["repo:acme/api-one", "repo:acme/api-two"] },
  { entry: { include_repos: ["API-?wo", "widgets"] }, subjects: ["repo:acme/api-two", "repo:acme/widgets"] },
  { entry: { exclude_repos: ["*"], include_repos: ["widgets"] }, subjects: [] },
  { entry: { exclude_repos: ["api-*"] }, subjects: ["repo:acme/widgets"] },
  { entry: { include_repos: ["api.one"] }, subjects: [] },
])("names of an organization's repositories are chosen by $entry", async ({ entry, subjects }) => {
  const { source } = await openMany({ entry: { org: "acme", ...entry } });

  expect(subjectsOf((await read(source)).episodes)).toEqual(subjects);
});

test("more repositories than one page of the list holds are all read", async () => {
  const many = Array.from({ length: 130 }, (_, at) => ({
    issues: 1,
    comments: 0,
    reviewComments: 0,
    releases: 0,
    fullName: `acme/r${at}`,
  }));
  const { source } = await openMany({ others: many, entry: { org: "acme", include: ["issues"] } });
  const { episodes, cursor } = await read(source);

  expect(subjectsOf(episodes)).toHaveLength(131);
  // What one repository takes in the cursor stays below a kilobyte.
  expect(cursor!.length).toBeLessThan(131 * 1_000);
});

test("an entry that means more than 500 repositories is refused with the way out", async () => {
  const many = Array.from({ length: 500 }, (_, at) => ({ fullName: `acme/r${at}`, issues: 0 }));
  const { source, reopen } = await openMany({ others: many, entry: { org: "acme" } });

  await expect(read(source)).rejects.toMatchObject({
    code: "GITHUB_TOO_MANY_REPOSITORIES",
    hint: expect.stringContaining("include_repos"),
  });
  expect(subjectsOf((await read(await reopen({ include_repos: ["widgets"] }))).episodes)).toEqual(["repo:acme/widgets"]);
});

test("resumes from the cursor of every page without a gap, beginning with the repository whose page it was", async () => {
  const { fake, source, reopen } = await openMany({ entry: { org: "acme" } });
  const whole = await read(source);
  const seen = new Set<string>();
  for (const page of whole.pages) {
    for (const { idempotency_key: key } of page.episodes) seen.add(key);
    fake.forget();
    const rest = await read(await reopen(), page.cursor);
    const subject = page.episodes[0]?.subject.replace("repo:", "");
    // Behind the organization's list.
    expect(fake.log[1]).toContain(`/repos/${subject ?? ""}`);
    expect(new Set([...seen, ...rest.keys])).toEqual(whole.keys);
    expect([...rest.keys].filter((key) => seen.has(key))).toEqual([]);
  }
  expect(whole.pages.length).toBeGreaterThan(10);
});

test("a large repository that is read for the first time lets other repositories have their turn", async () => {
  const { source } = await openMany({ issues: 6_000, entry: { repos: ["acme/widgets", "acme/api-one"] } });
  const { pages } = await read(source);
  const turns = pages.flatMap(({ episodes }) => (episodes[0] === undefined ? [] : [episodes[0].subject]));

  expect(turns.indexOf("repo:acme/api-one")).toBe(30);
  expect(turns.lastIndexOf("repo:acme/widgets")).toBeGreaterThan(turns.lastIndexOf("repo:acme/api-one"));
  // Reads 6,000 issues.
});

test("a repository that is missing keeps no other repository from being read, and is reported at the end", async () => {
  const { source } = await openMany({ entry: { repos: ["acme/gone", "acme/api-one"] } });
  const subjects = new Set<string>();
  const readAll = async () => {
    for await (const page of source.pages(undefined, new AbortController().signal))
      for (const { subject } of page.episodes) subjects.add(subject);
  };
  const error = await readAll().catch((thrown: unknown) => thrown);

  expect([...subjects]).toEqual(["repo:acme/api-one"]);
  expect(isConnectorsError(error, "GITHUB_NOT_FOUND") && error.message).toContain("/repos/acme/gone");
});

test("a repository that GitHub fails to answer for keeps no other repository from being read", async () => {
  const { fake, source } = await openMany({ entry: { org: "acme" } });
  fake.fail({ when: /acme\/widgets\/issues\?/, times: 99, answer: { status: 500 } });
  const pages = source.pages(undefined, new AbortController().signal);
  const subjects = new Set<string>();
  const readAll = async () => {
    for await (const page of pages) for (const { subject } of page.episodes) subjects.add(subject);
  };

  await expect(readAll()).rejects.toMatchObject({ code: "GITHUB_UNAVAILABLE", retryable: true });
  // Of the one whose issues fail, everything else is read.
  expect([...subjects].toSorted()).toEqual(["repo:acme/api-one", "repo:acme/api-two", "repo:acme/widgets"]);
});

test("a GitHub that is down gets no request for every repository", async () => {
  const { fake, source } = await openMany({
    entry: { org: "acme" },
    others: Array.from({ length: 20 }, (_, at) => ({ fullName: `acme/r${at}` })),
  });
  fake.fail({ when: /repos\/acme\//, times: 999, answer: { status: 500 } });

  await expect(read(source)).rejects.toMatchObject({ code: "GITHUB_UNAVAILABLE" });
  // The list, then three repositories in four sizes of page, and for each three other rows and the repository itself.
  expect(fake.requestCount).toBe(25);
});

test("issues that a repository of an organization has switched off are no failure", async () => {
  const { source } = await openMany({ hasIssues: false, entry: { org: "acme" } });

  expect(subjectsOf((await read(source)).episodes)).toContain("repo:acme/widgets");
});

test("an entry continues with its cursor when it names more repositories than before, or fewer", async () => {
  const { source, fake, clock } = await openSource({ ...small, others });
  const options = { base_url: fake.url, token: fake.token };
  const one = await read(source);
  const two = await read(await openEntry({ ...options, repos: ["acme/widgets", "acme/api-one"] }, clock), one.cursor);
  const back = await read(await openEntry({ ...options, repo: "acme/api-one" }, clock), two.cursor);

  expect(subjectsOf(two.episodes)).toEqual(["repo:acme/api-one"]);
  expect(back.episodes).toEqual([]);
});

test("a repository that was renamed keeps its place", async () => {
  const { fake, source } = await openMany({ entry: { org: "acme" } });
  const first = await read(source);
  fake.repositories[1]!.rename("acme/api-uno");
  fake.repositories[1]!.addIssue();
  const second = await read(source, first.cursor);

  expect(second.episodes.map(({ subject, kind }) => [subject, kind])).toEqual([["repo:acme/api-uno", "github.issue.opened"]]);
});

/** An organization whose list has these rows, too, or in place of a repository's. */
const listing =
  (change: (rows: readonly Record<string, unknown>[]) => readonly unknown[]): typeof globalThis.fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    if (!url.includes("/orgs/") || !response.ok) return response;
    return Response.json(change((await response.json()) as Record<string, unknown>[]), { headers: response.headers });
  };

test("a row of an organization's list that names no repository is reported by the run, and the others are read", async () => {
  const fetch = listing((rows) => [
    ...rows,
    { id: "x", full_name: "acme/odd" },
    null,
    { id: 7, full_name: "acme/lost", html_url: "no" },
  ]);
  const { source } = await openMany({ entry: { org: "acme" }, fetch });
  const pages: Page[] = [];
  const error: unknown = await (async () => {
    for await (const page of source.pages(undefined, new AbortController().signal)) pages.push(page);
  })().catch((thrown: unknown) => thrown);
  expect(subjectsOf(pages.flatMap(({ episodes }) => episodes))).toHaveLength(3);
  expect(error).toMatchObject({
    code: "GITHUB_ROW_MALFORMED",
    failedParts: ["acme/odd", "a repository of acme", "acme/lost"],
    message: expect.stringContaining("3 of 6 repositories could not be read") as string,
  });
  const { source: chosen } = await openMany({
    entry: { org: "acme", include_repos: ["widgets"] },
    fetch: listing((rows) => [...rows, { full_name: "acme/odd" }]),
  });
  expect(subjectsOf((await read(chosen)).episodes)).toEqual(["repo:acme/widgets"]);
});

test("a repository that the cursor knows is read although its row in the organization's list is odd", async () => {
  let isOdd = false;
  const fetch = listing((rows) => rows.map((row) => (isOdd && row["full_name"] === "acme/widgets" ? { id: row["id"] } : row)));
  const { fake, source } = await openMany({ entry: { org: "acme" }, fetch });
  const first = await read(source);
  isOdd = true;
  const widgets = fake.repositories.find(({ fullName }) => fullName === "acme/widgets");
  widgets?.addIssue();
  const second = await read(source, first.cursor);
  expect(subjectsOf(second.episodes)).toEqual(["repo:acme/widgets"]);
});
