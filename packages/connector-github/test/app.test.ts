import { generateKeyPairSync } from "node:crypto";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import * as v from "valibot";
import { githubPullConfig } from "../src/index.ts";
import { openSource, type OpenOptions, read } from "./open-source.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const app = { appId: "4711", installationId: "77", publicKey };
const appEntry = { app_id: 4711, installation_id: "77", private_key: pem };
const shape = { issues: 40, comments: 20, reviewComments: 4, releases: 2, isPrivate: true };
const openApp = (options: OpenOptions = {}) =>
  openSource({ ...shape, app, withToken: false, ...options, entry: { ...appEntry, ...options.entry } });
const minting = (line: string) => line.includes("/access_tokens");
const signal = new AbortController().signal;

test("reads a private repository as an installed app, with one token for all requests of an hour", async () => {
  const { fake, source, clock } = await openApp();
  const first = await read(source);
  clock.set(clock.now() + 50 * 60_000);
  await read(source, first.cursor);

  expect(first.episodes.length).toBeGreaterThan(60);
  expect(fake.log.filter(minting)).toEqual(["POST /app/installations/77/access_tokens 201"]);
});

test("a token is renewed five minutes before it expires, and the ETags that no longer match bring nothing twice", async () => {
  const { fake, source, clock } = await openApp();
  const first = await read(source);
  clock.set(clock.now() + 55 * 60_000);
  fake.forget();
  const second = await read(source, first.cursor);
  const renewing = [...fake.log];
  fake.forget();
  await read(source, second.cursor);

  expect(renewing.filter(minting)).toHaveLength(1);
  expect(second.episodes).toEqual([]);
  expect(fake.log.every((line) => line.endsWith(" 304"))).toBe(true);
});

test("a token that GitHub no longer takes ends the run, and the next one makes another", async () => {
  const { fake, source } = await openApp();
  const first = await read(source);
  fake.minted.clear();
  const error = await read(source, first.cursor).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_UNAUTHORIZED") && error.hint).toContain("installation");
  expect((await read(source, first.cursor)).episodes).toEqual([]);
});

test.each([
  { title: "another app's id", entry: { app_id: "4712" }, hint: "app_id" },
  { title: "an installation that is not there", entry: { installation_id: 78 }, hint: "installation_id" },
])("$title is named in one sentence, without the key", async ({ entry, hint }) => {
  const { source } = await openApp({ entry });
  const results = await source.check!(signal);

  expect(results).toMatchObject([{ ok: false, message: expect.stringContaining(hint), error: { code: "GITHUB_UNAUTHORIZED" } }]);
  expect(results[0]?.message).toMatch(/^\[\[pull\.github\]\] "main" cannot read acme\/widgets: GITHUB_UNAUTHORIZED/);
  expect(JSON.stringify(results)).not.toContain("PRIVATE KEY");
});

test("a GitHub that is down while a token is made is a passing failure", async () => {
  const { fake, source } = await openApp();
  fake.fail({ when: /access_tokens/, answer: { status: 500 } });

  await expect(read(source)).rejects.toMatchObject({ code: "GITHUB_UNAVAILABLE", retryable: true });
});

test("check says that it is the app who reads, and which right it lacks", async () => {
  const { fake, source } = await openApp();
  fake.fail({
    when: /releases/,
    answer: { status: 403, headers: { "x-accepted-github-permissions": "contents=read" }, body: "{}" },
  });
  const results = await source.check!(signal);

  expect(results[0]?.message).toContain("is readable by the app");
  expect(results.filter(({ ok }) => !ok).map(({ message }) => message)).toEqual([expect.stringContaining("contents=read")]);
});

const parse = (entry: object) => v.parse(githubPullConfig, { repo: "acme/widgets", ...entry });

test("a key whose line ends were written as \\n is taken", () => {
  expect(parse({ ...appEntry, private_key: pem.replaceAll("\n", String.raw`\n`) }).private_key?.reveal()).toBe(pem);
});

test.each([
  [{ app_id: 1 }, "belong together"],
  [{ app_id: 1, installation_id: 2 }, "belong together"],
  [{ ...appEntry, token: "t" }, "exclude each other"],
  [{ ...appEntry, private_key: "-----BEGIN PRIVATE KEY-----\nnothing" }, "not an RSA private key"],
  [{ ...appEntry, installation_id: "../1" }, "number"],
])("refuses an app of %j", (entry, problem) => {
  expect(() => parse(entry)).toThrow(problem);
});

test("the key is marked secret and is not quoted in what is wrong with it", () => {
  expect(v.getMetadata(githubPullConfig.entries.private_key)).toMatchObject({ secret: true });
  expect(() => parse({ ...appEntry, private_key: "hidden" })).toThrow(/^(?!.*hidden)/);
});
