import { expect, test } from "vitest";
import { openSource } from "./open-source.ts";

const signal = new AbortController().signal;

test("says what can be read, what is left of the limit and which scopes the token has", async () => {
  const { source } = await openSource();

  const results = await source.check!(signal);

  expect(results.every((result) => result.ok)).toBe(true);
  expect(results[0]?.message).toMatch(
    /^acme\/widgets is readable with the token \(scopes: repo, read:org\); \d+ of \d+ requests are left this hour$/,
  );
  expect(results.map((result) => result.message)).toContain("GraphQL answers requests for reviews, edits and reopenings");
});

test("a classic token of a narrower scope fails the check in one sentence that names the entry, its scopes and the missing one", async () => {
  const { fake, source } = await openSource();
  const answer = { status: 404, headers: { "x-oauth-scopes": "public_repo" }, body: '{"message":"Not Found"}' };
  fake.fail({ when: /repos\/acme\/widgets$/, answer });
  const failed = (await source.check!(signal)).find((result) => !result.ok);

  expect(failed?.message).toMatch(/^\[\[pull\.github\]\] "main" cannot read acme\/widgets: GITHUB_NOT_FOUND/);
  expect(failed?.message).toContain("the classic token has the scopes public_repo and needs `repo`");
});

test("says without a token what reviews cost and what is not reported", async () => {
  const { source } = await openSource({ withToken: false });

  expect((await source.check!(signal)).at(-1)?.message).toContain(
    "one request for each changed pull request, and edits and reopenings are not reported",
  );
});

test("a wrong token fails the check in one sentence and requests nothing more", async () => {
  const { fake, source } = await openSource({ entry: { token: "wrong" } });

  const results = await source.check!(signal);

  expect(results).toMatchObject([{ ok: false, message: expect.stringContaining("GITHUB_UNAUTHORIZED") }]);
  expect(results[0]?.error).toMatchObject({ code: "GITHUB_UNAUTHORIZED", retryable: false });
  expect(fake.requestCount).toBe(1);
});

test("names the one stream that is forbidden", async () => {
  const { fake, source } = await openSource();
  fake.fail({ when: /releases/, answer: { status: 403, body: '{"message":"Resource not accessible"}' } });

  const failed = (await source.check!(signal)).filter((result) => !result.ok);

  expect(failed.map((result) => result.message)).toEqual([
    expect.stringMatching(
      /^\[\[pull\.github\]\] "main" cannot read releases of acme\/widgets, which takes read access to Contents: GITHUB_FORBIDDEN/,
    ),
  ]);
});

test("advises the new name after a rename", async () => {
  const { fake, source } = await openSource();
  fake.repository.rename("acme/gadgets");

  expect((await source.check!(signal))[0]?.message).toContain('it was renamed, so write "acme/gadgets"');
});

test("says of an organization how many repositories are read, and looks into a few of them", async () => {
  const others = Array.from({ length: 9 }, (_, at) => ({ fullName: `acme/r${at}` }));
  const { fake, source } = await openSource({ others, entry: { repo: undefined, org: "acme" } });

  expect((await source.check!(signal))[0]).toEqual({ ok: true, message: "10 repositories of acme are read" });
  expect(fake.requestCount).toBeLessThan(30);
});

test("an organization with nothing left to read fails the check", async () => {
  const { source } = await openSource({ entry: { repo: undefined, org: "acme", include_repos: ["nothing"] } });

  expect(await source.check!(signal)).toContainEqual({
    ok: false,
    message: expect.stringMatching(/^\[\[pull\.github\]\] "main": no repository of acme is left/),
  });
});

test("names the one of several repositories that is missing, and the scopes that the token has", async () => {
  const { source } = await openSource({ entry: { repo: undefined, repos: ["acme/gone", "acme/widgets"] } });
  const results = await source.check!(signal);

  expect(results.filter(({ ok }) => !ok).map(({ message }) => message)).toEqual([
    expect.stringMatching(/^\[\[pull\.github\]\] "main" cannot read acme\/gone: GITHUB_NOT_FOUND.*has the scopes repo, read:org/),
  ]);
  expect(results.some(({ ok, message }) => ok && message.startsWith("acme/widgets is readable"))).toBe(true);
});

test("a private repository without a token fails the check with the advice to set one", async () => {
  const { source } = await openSource({ isPrivate: true, withToken: false });

  expect(await source.check!(signal)).toMatchObject([
    { ok: false, message: expect.stringContaining("set `token` if it is private") },
  ]);
});

test("says that a repository is archived and that its issues are switched off", async () => {
  const { source } = await openSource({ isArchived: true, hasIssues: false });
  const results = await source.check!(signal);

  expect(results[0]?.message).toContain("it is archived, so it will not change");
  expect(results[0]?.message).toContain('its issues are switched off, so exclude = ["issues"]');
});

test("says when few requests are left and for how long", async () => {
  const { source } = await openSource({ limits: { token: 5, anonymous: 5 } });

  expect((await source.check!(signal))[0]?.message).toContain("that is few for 60 more minutes");
});
