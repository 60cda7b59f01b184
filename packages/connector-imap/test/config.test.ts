import { expect, test } from "vitest";
import * as v from "valibot";
import { ImapPull } from "../src/pull-options.ts";

const least = { host: "imap.example.com", username: "ada@example.com", password: "p" };
const oauth = { password: undefined, token_url: "https://login.example.com/token", client_id: "c" };

test("options default to TLS, what people wrote, and waiting for new mail", () => {
  expect(v.parse(ImapPull, { ...least, host: " IMAP.example.com " })).toMatchObject({
    host: "imap.example.com",
    tls: "implicit",
    automatic: false,
    mailing_lists: false,
    quotes: false,
    signatures: false,
    idle: true,
    idle_renewal: 300_000,
  });
});

test.each([
  ["a server on this machine without TLS", { host: "127.0.0.1", tls: "none" }],
  ["the same by its IPv6 address", { host: "::1", tls: "none" }],
  ["a refresh token without a secret", { ...oauth, refresh_token: "r" }],
  ["a client that acts in its own name", { ...oauth, client_secret: "s" }],
  ["special uses in any case", { folders: ["inbox", "\\sent", "Projects/*"] }],
])("options allow %s", (_, given) => {
  expect(v.safeParse(ImapPull, { ...least, ...given }).issues).toBeUndefined();
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["a URL in place of a host", { host: "imaps://imap.example.com" }, "without a scheme"],
  ["a host with a port", { host: "imap.example.com:993" }, "without a scheme and a port"],
  ["no TLS to another machine", { tls: "none" }, "on this machine"],
  ["no TLS to a name that only looks like this machine", { tls: "none", host: "127.0.0.1.example.com" }, "on this machine"],
  ["no way to sign in", { password: undefined }, "set password"],
  ["two ways to sign in", { token_url: "https://login.example.com/token", client_id: "c" }, "not both"],
  ["a token URL alone", { ...oauth, client_id: undefined }, "together with client_id"],
  ["a client without a secret or token", oauth, "refresh_token, client_secret or both"],
  ["a user name without addresses", { username: "ada" }, "set addresses"],
  ["a user name of two lines", { username: "ada@example.com\r\nA1 LOGOUT" }, "sign in with"],
  ["a special use that does not exist", { folders: ["\\Send"] }, "none of"],
  ["members without a server that verifies them", { member_domains: ["example.com"] }, "set authserv_id"],
  ["no folder", { folders: [] }, "at least one"],
  ["an address that is none", { addresses: ["ada"] }, "ada@example.com"],
])("options refuse %s", (_, given, message) => {
  const result = v.safeParse(ImapPull, { ...least, ...given });
  expect(result.success ? "" : result.issues.map((issue) => issue.message).join("; ")).toContain(message);
});
