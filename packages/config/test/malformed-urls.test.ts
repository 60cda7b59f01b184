import { describe, expect, test } from "vitest";
import { loadText, problemsOf } from "./load-text.ts";

const secret = "s3cr3t-w0rd";

async function messageFor(url: string): Promise<string> {
  const [problem] = await problemsOf(loadText(`[statewave]\nurl = ${JSON.stringify(url)}`));
  expect(problem).toMatchObject({ path: "statewave.url", line: 2 });
  return problem?.message ?? "";
}

describe("a malformed [statewave] url", () => {
  test.each([
    `htps://user:${secret}@host`,
    `https//user:${secret}@host`,
    `https:user:${secret}`,
    `https:/user:${secret}@host`,
    `user:${secret}@host:8100`,
    `user:${secret}`,
    secret,
    `stdout:${secret}`,
    `https://user:${secret}@ho st`,
    `https://user:${secret}@host:port`,
    `https://user:s3cr3t/w0rd@host/${secret}`,
    `https://host/?api_key=${secret}`,
    `https://host/#${secret}`,
    `Bearer ${secret}`,
    `https://user:${secret}%@host`,
  ])("%s is reported without the secret", async (url) => {
    expect(await messageFor(url)).not.toContain(secret);
  });

  test.each([
    ["htps://memory.example", '"htps://memory.example"'],
    ["memory.example:8100/api", '"memory.example:8100/api"'],
    ["localhost:8100", '"localhost:8100"'],
  ])("%s is shown, because it cannot be a secret", async (url, shown) => {
    expect(await messageFor(url)).toContain(`got ${shown}`);
  });
});

test.each([["https://user:100%@host"], ["https://us%er:pw@host"], ["https://user:%zz@host/path"], ["https://user:a%2@host"]])(
  "[statewave] url = %s is found at validation, with how to escape it",
  async (url) => {
    expect(await messageFor(url)).toContain("write it as %25");
  },
);

test.each([
  ["http://localhost:8100?api_key=k3y-secret", 'must not hold "?"'],
  ["https://sw.example/v1/?x", 'must not hold "?"'],
  ["http://user:k3y?secret@sw.example", "%3F in a password"],
  ["https://sw.example/#top", 'must not hold "#"'],
  ["http://user:k3y#secret@sw.example", "%23 in a password"],
])("[statewave] url = %s is refused for the part that a server's address has not", async (url, words) => {
  const message = await messageFor(url);
  expect(message).toContain(words);
  expect(message).not.toMatch(/\*\*\*|k3y|secret/);
});

test.each([
  ["a proxy", '[runner.http]\nproxy = "http://user:s3cr3t\\nw0rd@proxy:3128"', "runner.http.proxy"],
  ["a [[notify]]", '[[notify]]\nname = "ops"\nurl = "https://hooks.example/s3cr3t\\r\\nw0rd"', "notify[0].url"],
])("the URL of %s with a line break, which a client would leave out, is refused and not shown", async (_, lines, path) => {
  const problems = await problemsOf(loadText(`[statewave]\nurl = "stdout:"\n${lines}`));
  expect(problems).toMatchObject([{ path, message: expect.stringContaining("holds a line break") }]);
  expect(JSON.stringify(problems)).not.toMatch(/s3cr3t|w0rd/);
});
