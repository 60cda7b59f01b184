import { tmpdir } from "node:os";
import { knownAdapters } from "@statewave-connectors/config/adapters";
import { expect, test } from "vitest";
import { readFlags } from "../../src/commands/receivers/read-flags.ts";
import { resolveFrom } from "../run-here.ts";

const { connectors } = await knownAdapters({ resolveFrom, cwd: tmpdir(), env: {} });

function read(kind: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const connector = connectors.find((known) => known.kind === kind)?.connector;
  return readFlags(args, kind, connector?.push?.config, env);
}

test.each([
  ["freshdesk", "FRESHDESK_WEBHOOK_SECRET", "secret"],
  ["github", "GITHUB_WEBHOOK_SECRET", "secret"],
  ["intercom", "INTERCOM_CLIENT_SECRET", "client_secret"],
  ["slack", "SLACK_SIGNING_SECRET", "signing_secret"],
  ["zendesk", "ZENDESK_WEBHOOK_SIGNING_SECRET", "signing_secret"],
])("a receiver of %s takes its secret from $%s", (kind, variable, key) => {
  expect(read(kind, [], { [variable]: "a secret" })).toEqual({ options: { [key]: `\${${variable}}` }, problems: [] });
});

test.each([
  ["freshdesk", "secret"],
  ["intercom", "client_secret"],
  ["slack", "signing_secret"],
  ["zendesk", "signing_secret"],
])("a receiver of %s takes its secret from --signing-secret", (kind, key) => {
  expect(read(kind, ["--signing-secret", "a secret"])).toEqual({ options: { [key]: "a secret" }, problems: [] });
});

test("other usual names of options are taken as flags and variables", () => {
  expect(read("freshdesk", ["--subdomain", "acme"]).options).toEqual({ domain: "acme" });
  expect(read("freshdesk", [], { FRESHDESK_SUBDOMAIN: "acme" }).options).toEqual({ domain: "acme" });
  expect(read("slack", ["--accept-dms", "--accept-mpim"]).options).toEqual({ include_dms: true, include_mpim: true });
});

test("a text of digits stays a text, and a number is one", () => {
  expect(read("zendesk", ["--subdomain", "4711"]).options).toEqual({ subdomain: "4711" });
  expect(read("zendesk", [], { ZENDESK_SUBDOMAIN: "4711" }).options).toEqual({ subdomain: "4711" });
  expect(read("slack", ["--min-length", "20"]).options).toEqual({ min_length: 20 });
});

test("a word that belongs to no flag is refused without being shown, because it may be a part of a secret", () => {
  expect(read("slack", ["--signing-secret", "first", "second"]).problems).toEqual([
    { path: "an argument", message: "belongs to no option", hint: "write --<option> before it, and quote a value with spaces" },
  ]);
});
