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
  expect(results.map((result) => result.message)).toContain("reviews are read by GraphQL");
});

test("says without a token what reviews cost", async () => {
  const { source } = await openSource({ withToken: false });

  expect((await source.check!(signal)).at(-1)?.message).toContain("one request for each changed pull request");
});

test("a wrong token fails the check in one sentence and asks nothing more", async () => {
  const { fake, source } = await openSource({ entry: { token: "wrong" } });

  const results = await source.check!(signal);

  expect(results).toEqual([{ ok: false, message: expect.stringContaining("GITHUB_UNAUTHORIZED") }]);
  expect(fake.requestCount).toBe(1);
});

test("names the one stream that is forbidden", async () => {
  const { fake, source } = await openSource();
  fake.fail({ when: /releases/, answer: { status: 403, body: '{"message":"Resource not accessible"}' } });

  const failed = (await source.check!(signal)).filter((result) => !result.ok);

  expect(failed.map((result) => result.message)).toEqual([
    expect.stringMatching(/^read releases of acme\/widgets: GITHUB_FORBIDDEN/),
  ]);
});

test("advises the new name after a rename", async () => {
  const { fake, source } = await openSource();
  fake.repository.rename("acme/gadgets");

  expect((await source.check!(signal))[0]?.message).toContain('set repo = "acme/gadgets"');
});
