import { startFakeGoogle } from "@statewave-connectors/connector-gmail/testing";
import { expect, it } from "vitest";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

const token = "a-token-of-many-letters";

it("two notifications and a schedule at once read a mailbox one after the other, and each mail once", async (test) => {
  const google = await startFakeGoogle({ mails: 40 });
  test.onTestFinished(() => google.close());
  const options = Object.entries({ ...google.entry, units_per_minute: 1_000_000 }).map(
    ([key, value]) => `${key} = ${JSON.stringify(value)}`,
  );
  const entries = [
    "[[pull.gmail]]",
    'name = "inbox"',
    'schedule = "every 1s"',
    ...options,
    "[[push.gmail]]",
    'name = "notifications"',
    'pull = "inbox"',
    `path_token = "${token}"`,
  ].join("\n");
  const world = await makeWorld(test, { entries });
  const runner = await world.workspace.run();
  const url = await runner.listening();
  const markers = () =>
    world.statewave.episodes.flatMap(({ source, payload }) =>
      source.startsWith("gmail.")
        ? [...JSON.stringify(payload).matchAll(/marker:(\d{1,9})/g)].map(([, number]) => Number(number))
        : [],
    );
  await until("the first sync is delivered", () => new Set(markers()).size === 40);
  // Slow enough that a second walker would meet the first.
  google.setFaults([{ type: "latency", latencyMs: 100, on: "GET /gmail/v1/users/:user/messages/:id" }]);
  google.forget();
  for (let count = 0; count < 20; count += 1) google.mailbox.receive();
  const data = Buffer.from(JSON.stringify({ emailAddress: "me@example.com", historyId: "1" })).toString("base64");
  const notify = (messageId: string) =>
    fetch(`${url}/gmail/notifications/events?token=${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: { data, messageId }, subscription: "projects/p/subscriptions/s" }),
    });
  const answers = await Promise.all([notify("1"), notify("2")]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const forged = await fetch(`${url}/gmail/notifications/events`, { method: "POST", body: "{}" });
  expect(forged.status).toBe(401);
  await until("the new mails are delivered", () => new Set(markers()).size === 60);
  expect(google.requests["GET /gmail/v1/users/:user/messages/:id"]).toBe(20);
  expect(markers()).toHaveLength(60);
  expect([runner.stderr, runner.stdout].join("\n")).not.toContain(token);
  await runner.terminate();
});
