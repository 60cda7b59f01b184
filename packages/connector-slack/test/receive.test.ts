import { describe, expect, it } from "vitest";
import { fixture, message, nowMs, openReceiver, secret, slackRequest } from "./open-receiver.ts";
import { signSlackRequest } from "./sign.ts";

const seconds = nowMs / 1000;
const respond = (status: number) => expect.objectContaining({ type: "respond", response: expect.objectContaining({ status }) });

// https://docs.slack.dev/authentication/verifying-requests-from-slack
const official = {
  timestamp: "1531420618",
  body:
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA" +
    "&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554" +
    "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
};

describe("signature", () => {
  it("accepts Slack's published example, which then fails only for not being JSON", () => {
    const headers = { "x-slack-request-timestamp": official.timestamp, "x-slack-signature": official.signature };
    const request = slackRequest(official.body, { headers, receivedAtMs: Number(official.timestamp) * 1000 });
    expect(openReceiver().receive(request)).toEqual(respond(400));
    expect(signSlackRequest(secret, official.body, Number(official.timestamp))).toEqual(headers);
  });

  it("refuses Slack's published example when one byte of the body differs", () => {
    const headers = { "x-slack-request-timestamp": official.timestamp, "x-slack-signature": official.signature };
    const request = slackRequest(`${official.body} `, { headers, receivedAtMs: Number(official.timestamp) * 1000 });
    expect(openReceiver().receive(request)).toEqual(respond(401));
  });

  const valid = signSlackRequest(secret, JSON.stringify(message()), seconds);
  const signature = valid["x-slack-signature"]!;
  const timestamp = valid["x-slack-request-timestamp"]!;
  it.each<[string, Record<string, string | undefined>]>([
    ["no headers", {}],
    ["no signature", { "x-slack-request-timestamp": timestamp }],
    ["no timestamp", { "x-slack-signature": signature }],
    ["empty headers", { "x-slack-signature": "", "x-slack-request-timestamp": "" }],
    ["signature without version", { ...valid, "x-slack-signature": signature.slice(3) }],
    ["unknown version", { ...valid, "x-slack-signature": signature.replace("v0", "v1") }],
    ["signature cut short", { ...valid, "x-slack-signature": signature.slice(0, -2) }],
    ["signature of odd length", { ...valid, "x-slack-signature": signature.slice(0, -1) }],
    ["signature grown", { ...valid, "x-slack-signature": `${signature}00` }],
    ["only the version", { ...valid, "x-slack-signature": "v0=" }],
    ["not hex", { ...valid, "x-slack-signature": `v0=${"z".repeat(64)}` }],
    ["characters beyond ASCII", { ...valid, "x-slack-signature": `v0=${"ä".repeat(64)}` }],
    ["another body's signature", { ...valid, ...signSlackRequest(secret, "{}", seconds) }],
    ["another secret's signature", signSlackRequest("wrong", JSON.stringify(message()), seconds)],
    ["the header twice, joined by node", { ...valid, "x-slack-signature": `${signature}, ${signature}` }],
    ["the timestamp twice", { ...valid, "x-slack-request-timestamp": `${timestamp}, ${timestamp}` }],
    ["another timestamp than the signed one", { ...valid, "x-slack-request-timestamp": String(seconds - 1) }],
    ["a timestamp in milliseconds", signSlackRequest(secret, JSON.stringify(message()), nowMs)],
    ["a fractional timestamp", { ...valid, "x-slack-request-timestamp": `${timestamp}.5` }],
    ["a negative timestamp", { ...valid, "x-slack-request-timestamp": `-${timestamp}` }],
    ["a hexadecimal timestamp", { ...valid, "x-slack-request-timestamp": "0x65536A64" }],
    ["a timestamp that is no number", { ...valid, "x-slack-request-timestamp": "now" }],
    ["301 s old", signSlackRequest(secret, JSON.stringify(message()), seconds - 301)],
    ["301 s ahead", signSlackRequest(secret, JSON.stringify(message()), seconds + 301)],
  ])("answers 401: %s", (_, headers) => {
    expect(openReceiver().receive(slackRequest(message(), { headers }))).toEqual(respond(401));
  });

  it.each([300, -300])("accepts a signature %i s off", (offset) => {
    const headers = signSlackRequest(secret, JSON.stringify(message()), seconds + offset);
    expect(openReceiver().receive(slackRequest(message(), { headers }))).toMatchObject({ type: "event" });
  });

  it("accepts either secret during a rotation, and no third", () => {
    const receiver = openReceiver({ signing_secret: ["new-secret", "old-secret"] });
    expect(receiver.receive(slackRequest(message(), {}, "new-secret"))).toMatchObject({ type: "event" });
    expect(receiver.receive(slackRequest(message(), {}, "old-secret"))).toMatchObject({ type: "event" });
    expect(receiver.receive(slackRequest(message(), {}, secret))).toEqual(respond(401));
  });

  it("is checked before anything is read from the body", () => {
    const unsigned = { headers: {} };
    expect(openReceiver().receive(slackRequest("{", unsigned))).toEqual(respond(401));
    expect(openReceiver().receive(slackRequest({ type: "url_verification", challenge: "x" }, unsigned))).toEqual(respond(401));
  });

  it("names no secret in any refusal", () => {
    const answers = [{}, { "x-slack-signature": "v0=00", "x-slack-request-timestamp": timestamp }].map((headers) =>
      JSON.stringify(openReceiver().receive(slackRequest(message(), { headers }))),
    );
    expect(answers.join()).not.toContain(secret);
  });
});

describe("signed bodies", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["half an object", '{"type":"event_callback"'],
    ["a list", "[1]"],
    ["a string", '"event_callback"'],
    ["null", "null"],
    ["a number", "1e999"],
    ["a hundred thousand open brackets", "[".repeat(100_000)],
    ["a form", "payload=%7B%7D"],
  ])("answers 400 to %s", (_, body) => {
    expect(openReceiver().receive(slackRequest(body))).toEqual(respond(400));
  });

  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  it.each<[string, string]>([
    ["a hundred thousand levels", `{"type":"event_callback","event_id":"Ev1","event":{"type":"message","blocks":${deep}}}`],
    [
      "__proto__ keys",
      '{"__proto__":{"type":"url_verification"},"type":"event_callback","event":{"__proto__":{"type":"x"},"type":"message"}}',
    ],
    ["an event that is a string", '{"type":"event_callback","event":"message"}'],
    [
      "NUL and lone surrogates",
      '{"type":"event_callback","event":{"type":"message","channel":"C1","ts":"1.1","text":"\\u0000\\ud800"}}',
    ],
  ])("stores an event with %s", (_, body) => {
    expect(openReceiver().receive(slackRequest(body))).toMatchObject({ type: "event" });
    expect(Object.prototype).not.toHaveProperty("type");
  });

  it("reads a body that is a window into a larger buffer", () => {
    const text = JSON.stringify(message());
    const body = new Uint8Array(Buffer.from(`garbage${text}garbage`)).subarray(7, 7 + Buffer.byteLength(text));
    expect(openReceiver().receive(slackRequest(text, { body }))).toEqual({ type: "event", id: "Ev0PV52K21" });
  });
});

describe("url_verification", () => {
  it("echoes the challenge as plain text", () => {
    const received = openReceiver().receive(
      slackRequest({ type: "url_verification", token: "t", challenge: "3eZbrw1aBm2rZgRNFdxV" }),
    );
    expect(received).toEqual({
      type: "respond",
      response: {
        status: 200,
        headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
        body: "3eZbrw1aBm2rZgRNFdxV",
      },
    });
  });

  it.each([undefined, null, 7, "", { a: 1 }, "x".repeat(1025)])("refuses %j as a challenge", (challenge) => {
    expect(openReceiver().receive(slackRequest({ type: "url_verification", challenge }))).toEqual(respond(400));
  });
});

describe("event_callback", () => {
  it("is stored under Slack's event id, the same for a retry with its fresh signature", () => {
    const retry = { ...signSlackRequest(secret, JSON.stringify(message()), seconds + 60), "x-slack-retry-num": "1" };
    expect(openReceiver().receive(slackRequest(message()))).toEqual({ type: "event", id: "Ev0PV52K21" });
    expect(openReceiver().receive(slackRequest(message(), { headers: retry }))).toEqual({ type: "event", id: "Ev0PV52K21" });
  });

  it.each([undefined, null, 7, ""])("is stored without an id when event_id is %j", (event_id) => {
    expect(openReceiver().receive(slackRequest(message({}, { event_id })))).toEqual({ type: "event" });
  });

  const dm = message({ channel: "D024BE91L", channel_type: "im" });
  const mpim = message({ channel: "C0GROUPDM", channel_type: "mpim" });
  const untoldDm = message({ channel: "D024BE91L", channel_type: undefined });
  const untoldGroup = message({ channel: "G024BE91L", channel_type: undefined });
  const appHome = message({ channel: "D024BE91L", channel_type: "app_home" });
  const privateChannel = message({ channel: "G024BE91L", channel_type: "group" });
  const kept = { type: "event", id: "Ev0PV52K21" };
  const reactionTo = (item: unknown) => ({ ...fixture("reaction-added"), event: { ...fixture("reaction-added").event, item } });
  const reactionIn = (channel: string) => reactionTo({ type: "message", channel, ts: "1360782400.498405" });
  const keptReaction = { type: "event", id: "Ev9UQ52YNA" };
  const dropped = { type: "respond", response: { status: 200 }, ignored: "not_wanted" };
  it.each<[string, Record<string, unknown>, unknown, unknown]>([
    ["a channel, when none are named", {}, message(), kept],
    ["a private channel, when none are named", {}, privateChannel, kept],
    ["a named channel", { channels: ["C024BE91L"] }, message(), kept],
    ["another channel", { channels: ["C0OTHER"] }, message(), dropped],
    ["a DM by default", {}, dm, dropped],
    ["a group DM by default", {}, mpim, dropped],
    ["a DM whose type is untold", {}, untoldDm, dropped],
    ["the app's own messages tab", {}, appHome, dropped],
    ["what may be a group DM", {}, untoldGroup, dropped],
    ["a DM, when they are wanted beside named channels", { channels: ["C0OTHER"], include_dms: true }, dm, kept],
    ["a group DM, when DMs alone are wanted", { include_dms: true }, mpim, dropped],
    ["a group DM, when they are wanted", { include_mpim: true }, mpim, kept],
    ["a reaction", {}, fixture("reaction-added"), { type: "event", id: "Ev9UQ52YNA" }],
    ["a reaction in another channel", { channels: ["C0OTHER"] }, fixture("reaction-added"), dropped],
    ["a reaction in a DM by default", {}, reactionIn("D024BE91L"), dropped],
    ["a reaction in what may be a group DM", {}, reactionIn("G024BE91L"), dropped],
    ["a reaction in a private channel that is named", { channels: ["G024BE91L"] }, reactionIn("G024BE91L"), keptReaction],
    ["a reaction to a file", {}, reactionTo({ type: "file", file: "F1" }), dropped],
    ["a reaction to nothing, for people to see", {}, reactionTo(undefined), keptReaction],
    ["a pin", {}, fixture("pin-added"), { type: "event", id: "Ev0PINADDED" }],
    ["a pin in another channel", { channels: ["C0OTHER"] }, fixture("pin-added"), dropped],
    ["a channel, when it may be the one wanted by name", { channels: ["#general"], bot_token: "xoxb-1" }, message(), kept],
    ["a DM, when channels are wanted by name", { channels: ["#general"], bot_token: "xoxb-1" }, dm, dropped],
    ["another type of event", {}, message({ type: "team_join" }), dropped],
    ["a message without a channel, for people to see", {}, message({ channel: undefined }), kept],
    ["an event without a type, for people to see", {}, message({ type: undefined }), kept],
  ])("decides on %s", (_, entry, payload, expected) => {
    expect(openReceiver(entry).receive(slackRequest(payload))).toEqual(expected);
  });
});

describe("other deliveries", () => {
  it.each([{ type: "something_new" }, { type: 7 }, {}, fixture("app-rate-limited")])(
    "answers 200 and stores nothing: %j",
    (payload) => {
      const received = openReceiver().receive(slackRequest(payload));
      expect(received).toEqual({ type: "respond", response: { status: 200 }, ignored: expect.stringMatching(/^[a-z_]+$/) });
    },
  );
});
