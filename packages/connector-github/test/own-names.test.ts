import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { parseSinceDefault } from "@statewave-connectors/connector-sdk/options";
import { expect, test } from "vitest";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 250, comments: 210, reviewComments: 0, releases: 0, sameSecond: 240 };

/** An Enterprise Server that links to itself by its public name. */
const publicName: typeof globalThis.fetch = async (url, init) => {
  const response = await fetch(url, init);
  const headers = new Headers(response.headers);
  for (const name of ["link", "location"]) {
    const text = headers.get(name);
    if (text !== null) headers.set(name, text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "https://ghes.example.com"));
  }
  headers.delete("content-length");
  headers.delete("content-encoding");
  const body = [204, 304].includes(response.status) ? null : await response.arrayBuffer();
  return new Response(body, { status: response.status, headers });
};

test("links to a server's other name are refused in a sentence that names the option", async () => {
  const { source } = await openSource({ ...shape, fetch: publicName });

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_BAD_ANSWER") && error.hint).toContain('add "ghes.example.com" to `allowed_hosts`');
});

test("with allowed_hosts such links are followed at base_url", async () => {
  const { source } = await openSource({ ...shape, fetch: publicName, entry: { allowed_hosts: ["ghes.example.com"] } });
  const plain = await openSource(shape);

  expect((await read(source)).keys).toEqual((await read(plain.source)).keys);
});

test.each([
  { title: "secondary limit", body: "You have exceeded a secondary rate limit and have been temporarily blocked." },
  { title: "already exceeded, with requests remaining", body: "API rate limit already exceeded for installation ID 1." },
  { title: "abuse detection", body: "You have triggered an abuse detection mechanism." },
])("403 that speaks of a limit is waited for, not taken for a missing right: $title", async ({ body }) => {
  const { fake, source } = await openSource(shape);
  const headers = { "x-ratelimit-remaining": "4711", "x-ratelimit-limit": "5000" };
  fake.fail({ when: /issues\?/, answer: { status: 403, headers, body: JSON.stringify({ message: body }) } });

  await expect(read(source)).rejects.toMatchObject({ code: "GITHUB_RATE_LIMITED", retryAtMs: expect.any(Number) });
});

test.each(["999999d", "40000d", "1000000h"])("since_default = %j is refused at validation", (text) => {
  expect(parseSinceDefault(text)).toBeUndefined();
});

test("a 422 names the option whose value GitHub does not accept, and is not tried again", async () => {
  const { fake, source } = await openSource({ ...shape, entry: { since_default: "30d" } });
  const body = '{"message":"The since parameter is invalid.","status":"422"}';
  fake.fail({ when: /issues\?/, answer: { status: 422, body } });

  await expect(read(source)).rejects.toMatchObject({
    code: "GITHUB_REFUSED",
    retryable: false,
    hint: expect.stringContaining("`since_default`"),
  });
});
