import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { ZendeskPull } from "../src/pull-options.ts";
import { ZendeskPush } from "../src/push-options.ts";

const client = { client_id: "c", client_secret: "s" };

describe("options", () => {
  test("default to requesters, no internal notes and what agents work on", () => {
    expect(v.parse(ZendeskPull, { subdomain: " Acme ", oauth_token: "t" })).toMatchObject({
      subdomain: "acme",
      subject_by: "requester",
      internal_notes: false,
      support_type_scope: "agent",
      exports_per_minute: 10,
    });
    expect(v.parse(ZendeskPush, { subdomain: "acme", signing_secret: "s" })).toMatchObject({ max_age: 300_000 });
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["no way to sign in", {}, "set client_id"],
    ["half a client", { client_id: "c" }, "together"],
    ["two ways to sign in", { ...client, oauth_token: "t" }, "no second one"],
    ["an address in place of the subdomain", { ...client, subdomain: "acme.zendesk.com" }, "own subdomain"],
    ["a subject by something else", { ...client, subject_by: "brand" }, "requester"],
    ["a status that does not exist", { ...client, statuses: ["done"] }, "solved"],
    ["an empty list of tags", { ...client, tags: [] }, "leave it out"],
    ["no exports at all", { ...client, exports_per_minute: 0 }, "at least 1"],
    ["a token that no header can carry", { oauth_token: "t\nx" }, "header"],
  ])("of pull refuse %s", (_, given, message) => {
    const result = v.safeParse(ZendeskPull, { subdomain: "acme", ...given });
    expect(result.success ? "" : result.issues.map((issue) => issue.message).join("; ")).toContain(message);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["no secret", {}, "signing_secret"],
    ["brands by name without credentials", { signing_secret: "s", brands: ["Acme"] }, "names take credentials"],
    ["a window of a second", { signing_secret: "s", max_age: "1s" }, "at least 30s"],
    ["half a client", { signing_secret: "s", client_secret: "x" }, "together"],
  ])("of push refuse %s", (_, given, message) => {
    const result = v.safeParse(ZendeskPush, { subdomain: "acme", ...given });
    expect(result.success ? "" : JSON.stringify(result.issues)).toContain(message);
  });
});
