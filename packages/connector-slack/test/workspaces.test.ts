import type { SourceHealth } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it, vi } from "vitest";
import { fixture, message, nowMs, openReceiver, slackRequest } from "./open-receiver.ts";

const seconds = nowMs / 1_000;
const ok = { ok: true };
const lost = (code: string) => expect.objectContaining({ ok: false, code, message: expect.stringContaining("T061EG9R6") });
const uninstalled = { type: "app_uninstalled" };
const botRevoked = { type: "tokens_revoked", tokens: { oauth: [], bot: ["U0BOT"] } };

/** An event that happened so many seconds from now. */
const event = (inSeconds: number, fields: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) => ({
  ...message(),
  event_time: seconds + inSeconds,
  ...envelope,
  event: { ...message().event, ...fields },
});

/** What a receiver reported after each of these deliveries, which arrive now unless they happened later. */
function healthAfter(deliveries: readonly Record<string, unknown>[], logger = silentLogger): SourceHealth[] {
  const told: SourceHealth[] = [];
  const receiver = openReceiver({}, logger, { reportHealth: (health) => told.push(health) });
  for (const delivery of deliveries) {
    const receivedAtMs = Math.max(nowMs, Number(delivery["event_time"] ?? 0) * 1_000);
    void receiver.receive(slackRequest(delivery, { receivedAtMs }));
  }
  return told;
}

describe("a workspace that falls silent", () => {
  it.each([
    ["uninstalled the app", uninstalled, "SLACK_APP_UNINSTALLED"],
    ["revoked the app's bot token", botRevoked, "SLACK_TOKEN_REVOKED"],
  ])("is reported, with its id and what to do: it %s", (_, last, code) => {
    const told = healthAfter([event(-1), { ...event(0), event: last }]);
    expect(told).toEqual([lost(code)]);
    expect(told[0]).toMatchObject({ hint: expect.stringContaining("install the app again") });
  });

  it("is well again with the first event that happened later", () => {
    expect(healthAfter([{ ...event(0), event: uninstalled }, event(1), event(2)])).toEqual([lost("SLACK_APP_UNINSTALLED"), ok]);
  });

  it("is well again with an event that is not wanted", () => {
    const unwanted = event(1, { type: "team_join" });
    expect(healthAfter([{ ...event(0), event: uninstalled }, unwanted])).toEqual([lost("SLACK_APP_UNINSTALLED"), ok]);
  });

  it("stays lost while events of before still arrive", () => {
    expect(healthAfter([{ ...event(0), event: uninstalled }, event(-60), event(0)])).toEqual([lost("SLACK_APP_UNINSTALLED")]);
  });

  it("stays lost while another workspace sends", () => {
    const other = event(60, {}, { team_id: "T0OTHER", context_team_id: "T0OTHER", authorizations: [{ team_id: "T0OTHER" }] });
    expect(healthAfter([{ ...event(0), event: uninstalled }, other])).toEqual([lost("SLACK_APP_UNINSTALLED")]);
  });

  it("is answered 200 and not stored", () => {
    const received = openReceiver().receive(slackRequest({ ...event(0), event: uninstalled }));
    expect(received).toEqual({ type: "respond", response: { status: 200 }, ignored: "about_the_app" });
  });

  it("is not meant when people take back tokens of their own, which is a warning", () => {
    const logger = { ...silentLogger, warn: vi.fn<typeof silentLogger.warn>() };
    const theirs = { ...event(0), event: { type: "tokens_revoked", tokens: { oauth: ["U1"] } } };
    expect(healthAfter([theirs], logger)).toEqual([]);
    expect(logger.warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("bot token still stands"), {
      team_id: "T061EG9R6",
      user_tokens: 1,
    });
  });
});

describe("a workspace whose events Slack drops", () => {
  const limited = (minute: number) => ({
    ...fixture("app-rate-limited"),
    team_id: "T061EG9R6",
    minute_rate_limited: seconds + minute,
  });

  it("is reported, and well again with an event that happened two minutes past the last limited one", () => {
    const told = healthAfter([limited(-60), event(30), limited(0), event(90), event(120), event(121)]);
    expect(told).toEqual([lost("SLACK_EVENTS_DROPPED"), lost("SLACK_EVENTS_DROPPED"), ok]);
  });

  it.each([undefined, "1518467820", Number.MAX_VALUE])("is reported when its minute is %j", (minute_rate_limited) => {
    expect(healthAfter([{ ...limited(0), minute_rate_limited }, event(121)])).toEqual([lost("SLACK_EVENTS_DROPPED"), ok]);
  });
});

it("an id that is none of Slack's is not repeated to people", () => {
  const told = healthAfter([{ ...fixture("app-rate-limited"), team_id: "<b>T1</b>" }]);
  expect(told).toMatchObject([{ message: expect.stringContaining("workspace that it does not name:") }]);
});
