import type { SourceHealth } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, it } from "vitest";
import { example, githubRequest, openReceiver, type Payload, receivedAtMs } from "./open-receiver.ts";

const ok = { ok: true };
const lost = (code: string) => ({ ok: false, code, message: expect.stringContaining("octocat"), hint: expect.any(String) });

const installation = (action: string) => ({ ...example("installation", "deleted"), action });
/** An event as an app sends it, or as the webhook of a repository does. */
const issue = (from: "app" | "webhook", owner = "octocat"): Payload => {
  const opened = example("issues", "opened", { repository: { owner: { login: owner } } });
  const { installation: _, ...plain } = opened as Record<string, Payload[string]>;
  return from === "app" ? { ...plain, installation: { id: 7 } } : plain;
};

/** What a receiver reported after each of these deliveries: event, payload, and how many seconds from now it arrives. */
function healthAfter(...deliveries: readonly (readonly [string, unknown, number])[]): SourceHealth[] {
  const told: SourceHealth[] = [];
  const receiver = openReceiver({}, silentLogger, (health) => told.push(health));
  for (const [event, payload, inSeconds] of deliveries) {
    void receiver.receive({ ...githubRequest(event, payload), receivedAtMs: receivedAtMs + inSeconds * 1_000 });
  }
  return told;
}

it.each([
  ["deleted", "GITHUB_APP_UNINSTALLED", "created"],
  ["suspend", "GITHUB_APP_SUSPENDED", "unsuspend"],
])("an app's installation that is reported to be %s makes the source unhealthy (%s) until it is %s", (end, code, begin) => {
  const told = healthAfter(["installation", installation(end), 0], ["installation", installation(begin), 1]);
  expect(told).toEqual([lost(code), ok]);
});

it("what the app sends for the account a minute later makes the source well again, and not before", () => {
  const removed = ["installation", installation("deleted"), 0] as const;
  expect(healthAfter(removed, ["issues", issue("app"), 60])).toEqual([lost("GITHUB_APP_UNINSTALLED")]);
  expect(healthAfter(removed, ["issues", issue("app"), 61])).toEqual([lost("GITHUB_APP_UNINSTALLED"), ok]);
});

it("the webhook of a repository, or another account, proves nothing of an app", () => {
  const told = healthAfter(
    ["installation", installation("suspend"), 0],
    ["issues", issue("webhook"), 600],
    ["issues", issue("app", "octo-org"), 600],
  );
  expect(told).toEqual([lost("GITHUB_APP_SUSPENDED")]);
});

it("an installation event is answered 200, stored nowhere, and harmless in another shape", () => {
  for (const payload of [installation("deleted"), {}, { action: "deleted", installation: { account: { login: 7 } } }]) {
    expect(openReceiver().receive(githubRequest("installation", payload))).toMatchObject({
      type: "respond",
      response: { status: 200 },
    });
  }
  expect(healthAfter(["installation", { action: "deleted" }, 0])).toEqual([]);
});
