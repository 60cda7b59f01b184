import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import * as v from "valibot";
import { enabledStreams, githubPullConfig } from "../src/pull-options.ts";
import { graphqlUrl } from "../src/client.ts";
import { openEntry } from "./open-source.ts";

const parse = (entry: object) => v.parse(githubPullConfig, { repo: "acme/widgets", ...entry });

test("repo is all it needs", () => {
  expect(parse({})).toEqual({
    repo: "acme/widgets",
    include_bots: true,
    memories: "lean",
    base_url: "https://api.github.com",
    exclude: [],
  });
});

test("an entry names one repository, several or an organization, and only one of these", () => {
  const take = (entry: object) => v.parse(githubPullConfig, entry);

  expect(take({ repos: ["acme/widgets", "acme/api"] }).repos).toHaveLength(2);
  expect(take({ org: "acme", exclude_repos: ["old-*"] }).exclude_repos).toEqual(["old-*"]);
  for (const entry of [{}, { repo: "a/b", org: "a" }, { repos: ["a/b"], repo: "a/b" }])
    expect(() => take(entry)).toThrow("exactly one of");
  expect(() => take({ repo: "a/b", include_repos: ["b"] })).toThrow("belong to org");
  expect(() => take({ repos: [] })).toThrow("names no repository");
  expect(() => take({ org: "acme", include_repos: ["acme/api"] })).toThrow("without the owner");
});

test.each([
  "acme",
  "acme/",
  "/widgets",
  "a/b/c",
  "acme/..",
  "acme/wid gets",
  "https://github.com/acme/widgets",
  "acme/widgets?x=1",
  "",
])("refuses repo %j with an example", (repo) => {
  expect(() => parse({ repo })).toThrow('"octocat/hello-world"');
});

test.each(["acme/widgets.js", "mona_acme/.github", "A-b/c_d-e"])("takes repo %j", (repo) => {
  expect(parse({ repo }).repo).toBe(repo);
});

test.each(["api.github.com", "ftp://x", "https://user:pass@host/api/v3", "https://host/api/v3?a=b", "https://host/#x"])(
  "refuses base_url %j",
  (base_url) => {
    expect(() => parse({ base_url })).toThrow("base_url");
  },
);

test("a slash at the end of base_url is dropped, since GitHub answers 404 to doubled ones", () => {
  expect(parse({ base_url: "https://github.example.com/api/v3/" }).base_url).toBe("https://github.example.com/api/v3");
});

test("GraphQL lies beside REST on github.com and on an Enterprise Server", () => {
  expect(graphqlUrl("https://api.github.com")).toBe("https://api.github.com/graphql");
  expect(graphqlUrl("https://github.example.com/api/v3")).toBe("https://github.example.com/api/graphql");
});

test("since_default is a date or an age", () => {
  const since = (since_default: unknown) => parse({ since_default }).since_default;

  expect(since("2024-01-31")).toEqual({ type: "moment", ms: Date.UTC(2024, 0, 31) });
  expect(since(new Date("2024-01-31"))).toEqual({ type: "moment", ms: Date.UTC(2024, 0, 31) });
  expect(since("30d")).toEqual({ type: "age", ms: 30 * 86_400_000 });
});

test.each(["yesterday", "30", "30w", "2024-13-01", "", 7])("refuses since_default %j", (since_default) => {
  expect(() => parse({ since_default })).toThrow("since_default");
});

test("include and exclude choose the streams, and must leave one", () => {
  expect([...enabledStreams(parse({ include: ["issues", "reviews"], exclude: ["reviews"] }))]).toEqual(["issues"]);
  expect(() => parse({ include: ["wiki"] })).toThrow("wiki");
  expect(() => parse({ include: ["issues"], exclude: ["issues"] })).toThrow("nothing to read");
});

test("the token is marked secret", () => {
  expect(v.getMetadata(githubPullConfig.entries.token)).toMatchObject({ secret: true });
});

test("opening an entry sends no request", async () => {
  await expect(openEntry({ repo: "acme/widgets", base_url: "http://127.0.0.1:9" }, new FakeClock())).resolves.toBeDefined();
});
