import { expect, it } from "vitest";
import { markersIn, messageRoute, notify, openMailbox, token } from "./gmail-world.ts";
import { until } from "./until.ts";

it("two notifications and a schedule at once read a mailbox one after the other, and each mail once", async (test) => {
  const { google, world } = await openMailbox(test, { mails: 40 });
  const runner = await world.workspace.run();
  const url = await runner.listening();
  await until("the first sync is delivered", () => new Set(markersIn(world)).size === 40);
  // Slow enough that a second walker would meet the first.
  google.setFaults([{ type: "latency", latencyMs: 100, on: messageRoute }]);
  google.forget();
  for (let count = 0; count < 20; count += 1) google.mailbox.receive();
  expect(await Promise.all([notify(url, "1"), notify(url, "2")])).toEqual([200, 200]);
  const forged = await fetch(`${url}/gmail/notifications/events`, { method: "POST", body: "{}" });
  expect(forged.status).toBe(401);
  await until("the new mails are delivered", () => new Set(markersIn(world)).size === 60);
  const simulated = await world.workspace.command("simulate", "gmail/notifications", "--url", url, "--deliver");
  expect([simulated.code, simulated.stdout]).toEqual([0, expect.stringContaining("the twin of the receiver is read")]);
  expect(simulated.stdout + simulated.stderr).not.toContain(token);
  expect(google.requests[messageRoute]).toBe(20);
  expect(markersIn(world)).toHaveLength(60);
  expect([runner.stderr, runner.stdout].join("\n")).not.toContain(token);
  await runner.terminate();
});

it("a program that is killed at each kind of page resumes with one page read again at most, and every mail is there", async (test) => {
  const { google, world } = await openMailbox(test, { mails: 60, mostListed: 40 });
  const { mailbox } = google;
  const runner = () => world.workspace.run();
  const delivered = (count: number) => until(`${count} mails are delivered`, () => new Set(markersIn(world)).size >= count);
  google.setFaults([{ type: "latency", latencyMs: 40, on: messageRoute }]);
  // In the first page of the listing, and behind its first list.
  for (const count of [1, 41]) {
    const process = await runner();
    await delivered(count);
    mailbox.receive({ subject: "Meanwhile" });
    await process.kill();
  }
  let process = await runner();
  await delivered(62);
  expect(google.requests[messageRoute]).toBeLessThanOrEqual(62 + 2 * 2 * 25);
  // In a page of the history.
  for (let count = 0; count < 60; count += 1) mailbox.receive();
  await delivered(63);
  await process.kill();
  // In the listing that fills a gap, in which all mails come again.
  mailbox.receive();
  mailbox.forgetHistory();
  google.forget();
  process = await runner();
  await until("a page of the gap is read", () => (google.requests[messageRoute] ?? 0) > 25);
  await process.kill();
  mailbox.receive();
  google.setFaults([]);
  process = await runner();
  await delivered(124);
  await process.terminate();
  expect(new Set(markersIn(world)).size).toBe(124);
});

it("a subscription that is pulled makes the runner read, without a public URL and long before the schedule says so", async (test) => {
  const { google, world } = await openMailbox(test, { mails: 3 }, { schedule: "0 0 1 1 *" });
  const runner = await world.workspace.run();
  await until("the mails of before are delivered", () => new Set(markersIn(world)).size === 3);
  // The runner has had Gmail notify the topic: each mail is a message of the subscription.
  await until("Gmail notifies the topic", () => google.pubsub.pushed.length > 0);
  for (let number = 4; number <= 6; number += 1) {
    google.mailbox.receive();
    await until(`mail ${number} is delivered`, () => new Set(markersIn(world)).size === number);
  }
  google.pubsub.publish(google.topic, "no notification");
  await until("all notifications are acknowledged", () => google.pubsub.unacknowledged(google.subscription) === 0);
  expect(google.refused).toEqual([]);
  const letters = await world.workspace.command("dead-letters", "list");
  expect([letters.code, letters.stdout]).toEqual([0, expect.stringContaining("GMAIL_NOTIFICATION_UNMAPPABLE")]);
  await runner.terminate();
});
