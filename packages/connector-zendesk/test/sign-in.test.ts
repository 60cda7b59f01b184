import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { fakeCredentials } from "../src/testing/index.ts";
import { keysOf, minute, openDesk } from "./open-desk.ts";

const { client_id, client_secret, email, api_token } = fakeCredentials;
const without = { oauth_token: undefined };

describe("an entry signs in", () => {
  test.each([
    ["as an OAuth client whose tokens end", { client_id, client_secret }, 1_800],
    ["as an OAuth client whose tokens do not say when they end", { client_id, client_secret }, undefined],
    ["by an API token", { email, api_token }, undefined],
  ])("%s", async (_, signIn, tokenSeconds) => {
    const { desk, pull } = await openDesk({
      entry: { ...without, ...signIn },
      ...(tokenSeconds !== undefined && { tokenSeconds }),
    });
    desk.open({ at: minute(0) });
    const { walk, source } = await pull();
    expect(keysOf(await walk())).toHaveLength(1);
    const checks = (await source.check?.(new AbortController().signal)) ?? [];
    expect(checks.map(({ ok }) => ok)).toEqual(Array(7).fill(true));
    expect(checks[0]?.message.includes("2027-04-30")).toBe("email" in signIn);
  });

  test("anew, once, when its token was revoked", async () => {
    const { fake, desk, requests, pull } = await openDesk({ entry: { ...without, client_id, client_secret } });
    desk.open({ at: minute(0) });
    const { walk } = await pull();
    await walk();
    fake.revoke();
    desk.open({ at: minute(1) });
    expect(keysOf(await walk())).toHaveLength(2);
    expect(requests.filter((path) => path.includes("tokens"))).toHaveLength(0);
    expect(fake.provider.stats().answers["401"]).toBe(1);
  });

  test("with credentials that Zendesk refuses, and says which options to set without quoting them", async () => {
    const wrong = "not-the-secret-of-the-client";
    const { desk, pull } = await openDesk({ entry: { ...without, client_id, client_secret: wrong } });
    desk.open({ at: minute(0) });
    const error: unknown = await (await pull()).walk().catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "ZENDESK_UNAUTHORIZED") && error.hint).toContain("client_secret");
    expect(JSON.stringify(error) + String(error)).not.toContain(wrong);
  });
});

test("a link of Zendesk to another host is never followed", async () => {
  // The fake's links lead to https, where nothing listens.
  const { desk, fake, pull } = await openDesk({ ticketsPerPage: 2, eventsPerPage: 2 });
  for (let at = 0; at < 7; at += 1) desk.open({ at: minute(at) });
  expect(keysOf(await (await pull()).walk())).toHaveLength(7);
  expect(fake.provider.refused).toEqual([]);
});
