import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { example, examples, githubRequest, openReceiver, secret, sign } from "./open-receiver.ts";

const opened = example("issues", "opened");
const answerOf = async (...request: Parameters<typeof githubRequest>) => await openReceiver().receive(githubRequest(...request));

test("GitHub's official signature vector is taken", async () => {
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  expect(await answerOf("issues", "Hello, World!", { "x-hub-signature-256": signature })).toMatchObject({
    type: "respond",
    response: { status: 200 },
  });
});

test("a signed event is stored under its delivery id with the two headers that mapping and people need", async () => {
  expect(await answerOf("issues", opened, { authorization: "Basic c2VjcmV0" })).toEqual({
    type: "event",
    id: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    headers: { "x-github-event": "issues", "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" },
  });
});

test.each([
  ["no signature", { "x-hub-signature-256": undefined }, "signature_missing"],
  ["only the SHA-1 signature", { "x-hub-signature-256": undefined, "x-hub-signature": "sha1=00" }, "signature_missing"],
  ["another secret", { "x-hub-signature-256": sign(JSON.stringify(opened), "another") }, "signature_invalid"],
  ["an empty secret", { "x-hub-signature-256": sign(JSON.stringify(opened), "") }, "signature_invalid"],
  ["the signature of another body", { "x-hub-signature-256": sign("{}") }, "signature_invalid"],
  ["no prefix", { "x-hub-signature-256": sign(JSON.stringify(opened)).slice(7) }, "signature_invalid"],
  ["a cut signature", { "x-hub-signature-256": sign(JSON.stringify(opened)).slice(0, -2) }, "signature_invalid"],
  ["something that is not hex", { "x-hub-signature-256": `sha256=${"z".repeat(64)}` }, "signature_invalid"],
])("%s is refused with 401", async (_, headers, error) => {
  expect(await answerOf("issues", opened, headers)).toMatchObject({
    type: "respond",
    response: { status: 401, body: expect.stringContaining(error) },
  });
});

test("both secrets are taken while the secret is being changed", async () => {
  const receiver = openReceiver({ secret: ["new", secret] });

  expect(receiver.receive(githubRequest("issues", opened))).toMatchObject({ type: "event" });
  const signedAnew = { "x-hub-signature-256": sign(JSON.stringify(opened), "new") };
  expect(receiver.receive(githubRequest("issues", opened, signedAnew))).toMatchObject({ type: "event" });
});

test("a body set to the content type of forms is taken too", async () => {
  const form = `payload=${encodeURIComponent(JSON.stringify(opened))}`;

  expect(await answerOf("issues", form, { "content-type": "application/x-www-form-urlencoded" })).toMatchObject({
    type: "event",
  });
});

test("ping is answered and not stored", async () => {
  expect(await answerOf("ping", example("ping", undefined))).toMatchObject({ type: "respond", response: { status: 200 } });
});

test("every signed example is stored or answered 200, and what is not stored is named in the answer", async () => {
  const receiver = openReceiver();
  const all = await Promise.all(
    examples.flatMap(({ name, examples: payloads }) =>
      payloads.map(async (payload) => await receiver.receive(githubRequest(name, payload))),
    ),
  );
  const answers = all.filter((received) => received.type === "respond").map(({ response }) => response);

  expect(all.length - answers.length).toBe(39);
  expect(answers).toHaveLength(290);
  expect(answers.every(({ status, body }) => status === 200 && /ignored|pong/.test(body ?? ""))).toBe(true);
});

test.each([
  ["an action that is not known yet", "issues", { ...opened, action: "teleported" }],
  ["an event that is not known yet", "issue_dreams", opened],
  ["an event named like a method", "constructor", opened],
  ["no action", "issues", { ...opened, action: undefined }],
  ["discussions, unless asked for", "discussion", example("discussion", "created")],
  ["pushes, unless asked for", "push", example("push", undefined)],
  ["a list", "issues", []],
  ["nothing", "issues", ""],
  ["broken JSON", "issues", "{"],
])("%s is answered 200 and not stored", async (_, event, payload) => {
  expect(await answerOf(event, payload)).toMatchObject({ type: "respond", response: { status: 200 } });
});

test("what is not stored is counted by its event and the reason", async () => {
  expect(await answerOf("issues", { ...opened, action: "labeled" })).toMatchObject({
    ignored: "event_not_mapped",
    event: "issues.labeled",
  });
  expect(await answerOf("push", example("push", undefined))).toMatchObject({ ignored: "not_wanted", event: "push" });
});

test("what is passed over leaves a line at debug level that names event and action", async () => {
  const lines: unknown[] = [];
  const logger: Logger = { ...silentLogger, debug: (message, fields) => lines.push({ message, ...fields }) };
  await openReceiver({}, logger).receive(githubRequest("issues", { ...opened, action: "labeled" }));

  expect(lines).toEqual([expect.objectContaining({ event: "issues", action: "labeled" })]);
});

test("include and exclude choose what is stored", async () => {
  const receive = (entry: object, event: string, payload: unknown) =>
    openReceiver({ ...entry }).receive(githubRequest(event, payload));

  expect(receive({ include: ["issues"] }, "issues", opened)).toMatchObject({ type: "event" });
  expect(receive({ include: ["releases"] }, "issues", opened)).toMatchObject({ type: "respond" });
  expect(receive({ exclude: ["issues"] }, "issues", opened)).toMatchObject({ type: "respond" });
});

test("repos names the repositories whose events are stored, in any spelling", async () => {
  const receive = (repos: string[], payload: unknown = opened) =>
    openReceiver({ repos }).receive(githubRequest("issues", payload));

  expect(receive(["codertocat/hello-WORLD"])).toMatchObject({ type: "event" });
  expect(receive(["acme/widgets"])).toMatchObject({ type: "respond", response: { status: 200 } });
  expect(receive(["acme/widgets"], { ...opened, repository: undefined })).toMatchObject({ type: "respond" });
});

test("an endless delivery id is not taken for an id", async () => {
  expect(await answerOf("issues", opened, { "x-github-delivery": "x".repeat(200) })).not.toHaveProperty("id");
});

test("bodies up to the 25 MB of GitHub are taken whole by the plain handler, larger ones are 413, and a redelivery is stored once", async () => {
  const stored: InboxItem[] = [];
  const handler = toFetchHandler({
    source: { kind: "github", name: "main" },
    receiver: openReceiver(),
    clock: systemClock,
    maxBodyBytes: connector.push!.maxBodyBytes!,
    accept: async (item) => {
      const isKnown = stored.some((other) => "id" in item && "id" in other && item.id === other.id);
      if (!isKnown) stored.push(item);
      return isKnown ? "duplicate" : "fresh";
    },
  });
  const post = async (payload: unknown) => {
    const { headers, body } = githubRequest("issues", payload);
    const request = { method: "POST", headers: headers as Record<string, string>, body: Buffer.from(body) };
    return (await handler(new Request("http://localhost/github/main/events", request))).status;
  };
  const large = example("issues", "opened", { issue: { body: "x".repeat(24_990_000) } });

  expect([await post(large), await post(large)]).toEqual([200, 200]);
  expect(stored).toHaveLength(1);
  expect(await post(example("issues", "opened", { issue: { body: "x".repeat(27_000_000) } }))).toBe(413);
  // Signs and reads three bodies of 25 MB.
});
