import { expect, test } from "vitest";
import { openPull, openPush } from "./open-fake.ts";

const check = async (opened: Awaited<ReturnType<typeof openPull>>) => await opened.source.check?.(new AbortController().signal);

test("says whose token it is and that conversations can be read", async () => {
  expect(await check(await openPull())).toMatchObject([
    { ok: true, message: expect.stringContaining("the workspace Acme (abc12de3)") as string },
    { ok: true, message: expect.stringContaining("can read conversations") as string },
  ]);
});

test("finds the token of another workspace, and another region than the workspace's", async () => {
  const other = await openPull({}, { app_id: "other123" });
  expect(await check(other)).toMatchObject([{ ok: false, error: { code: "INTERCOM_APP_MISMATCH" } }]);
  const elsewhere = await openPull({ region: "EU" });
  expect(await check(elsewhere)).toMatchObject([
    { ok: true },
    { ok: false, message: expect.stringContaining("hosted in eu, and `region` is us") as string },
    { ok: true },
  ]);
});

test.each([
  { name: "a refused token", status: 401, code: "unauthorized", expected: "INTERCOM_UNAUTHORIZED" },
  { name: "a permission that is missing", status: 401, code: "token_unauthorized", expected: "INTERCOM_FORBIDDEN" },
  { name: "a plan without the API", status: 403, code: "api_plan_restricted", expected: "INTERCOM_FORBIDDEN" },
  { name: "a version that is gone", status: 400, code: "intercom_version_invalid", expected: "INTERCOM_VERSION_REFUSED" },
])("names $name and what to do", async ({ status, code, expected }) => {
  const opened = await openPull();
  const body = { type: "error.list", request_id: "r1", errors: [{ code, message: "No" }] };
  opened.fake.setFaults([{ type: "status", on: "POST /conversations/search", status, body }]);
  const results = await check(opened);
  expect(results?.at(-1)).toMatchObject({ ok: false, error: { code: expected } });
  expect(results?.at(-1)?.error?.hint).not.toBe("");
});

test("reads conversations without the permission to learn whose token it is", async () => {
  const opened = await openPull({ conversations: 2 });
  const body = { type: "error.list", request_id: "r1", errors: [{ code: "token_unauthorized", message: "No" }] };
  opened.fake.setFaults([{ type: "status", on: "GET /me", status: 401, body }]);
  expect(await check(opened)).toMatchObject([
    { ok: true, message: expect.stringContaining("a workspace that Intercom does not name") as string },
    { ok: true },
  ]);
  expect((await opened.walk()).flatMap(({ episodes }) => episodes)).not.toEqual([]);
});

test("finds that Intercom answers in another version of its API than is requested", async () => {
  const opened = await openPull({ namesVersion: false });
  expect((await check(opened))?.at(-1)).toMatchObject({ ok: true });
  const fetch: typeof globalThis.fetch = async (...request) => {
    const response = await globalThis.fetch(...request);
    const headers = new Headers(response.headers);
    headers.set("intercom-version", "2.9");
    return new Response(await response.text(), { status: response.status, headers });
  };
  const { source } = await opened.reopen({}, fetch);
  expect((await source.check?.(new AbortController().signal))?.at(-1)).toMatchObject({
    ok: false,
    message: expect.stringContaining("in version 2.9 of its API, and not in 2.16") as string,
  });
});

test("a receiver with a token is checked like a pull, and one without has nothing to check", async () => {
  const { options } = await openPull();
  const { access_token, base_url } = options;
  const { receiver } = await openPush({ access_token, base_url });
  expect(await receiver.check?.(new AbortController().signal)).toMatchObject([{ ok: true }, { ok: true }]);
  expect((await openPush()).receiver.check).toBeUndefined();
});

test("a receiver that files by company needs a token", async () => {
  await expect(openPush({ subject_by: "organization" })).rejects.toThrow("organization takes access_token");
});
