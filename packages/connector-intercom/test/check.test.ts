import { expect, test } from "vitest";
import { openPull, openPush } from "./open-fake.ts";

const check = async (opened: Awaited<ReturnType<typeof openPull>>) => await opened.source.check?.(new AbortController().signal);

test("says whose token it is, and that conversations and contacts can be read", async () => {
  const named = { ok: true, message: expect.stringContaining("the workspace Acme (abc12de3)") as string };
  const readable = { ok: true, message: expect.stringContaining("can read conversations") as string };
  const contact = (message: string) => ({ ok: true, message: expect.stringContaining(message) as string });
  expect(await check(await openPull({ conversations: 1 }))).toMatchObject([named, readable, contact("can read contacts")]);
  expect(await check(await openPull())).toMatchObject([named, readable, contact("lists no contact to try their right with")]);
});

test.each([
  ["POST /conversations/search", false, "INTERCOM_FORBIDDEN"],
  ["GET /conversations/:id", false, "INTERCOM_FORBIDDEN"],
  ["GET /me", true, "may not read admins: its workspace is not compared with `app_id`"],
  ["GET /contacts/:id", true, "may not read one user and one company: customers to whom a teammate wrote first appear without"],
])("names the right to %s that is missing, in one line", async (on, ok, said) => {
  const opened = await openPull({ conversations: 1 });
  const body = { type: "error.list", request_id: "r1", errors: [{ code: "token_unauthorized", message: "No" }] };
  opened.fake.setFaults([{ type: "status", on, status: 401, body }]);
  const lines = ((await check(opened)) ?? []).filter(({ message }) => !/ can read | belongs to the workspace /.test(message));
  expect(lines.length).toBe(1);
  expect(lines[0]?.ok).toBe(ok);
  expect(`${lines[0]?.message} ${lines[0]?.error?.code ?? ""}`).toContain(said);
});

test("finds the token of another workspace, and another region than the workspace's", async () => {
  const other = await openPull({}, { app_id: "other123" });
  expect(await check(other)).toMatchObject([{ ok: false, error: { code: "INTERCOM_APP_MISMATCH" } }]);
  const elsewhere = await openPull({ region: "EU" });
  expect(await check(elsewhere)).toMatchObject([
    { ok: true },
    { ok: false, message: expect.stringContaining("hosted in eu, and `region` is us") as string },
    { ok: true },
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
  expect(await check(opened)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
  const unnamed = await check(await openPull({ hidesApp: true }));
  expect(unnamed?.[0]?.message).toContain("a workspace that Intercom does not name");
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
  expect(await receiver.check?.(new AbortController().signal)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
  expect((await openPush()).receiver.check).toBeUndefined();
});

test("a receiver that files by company needs a token", async () => {
  await expect(openPush({ subject_by: "organization" })).rejects.toThrow("organization takes access_token");
});
