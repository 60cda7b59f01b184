import { describe, expect, it } from "vitest";
import { markersIn, messageRoute, notify, openMailbox } from "./gmail-world.ts";
import { until } from "./until.ts";

const historyRoute = "GET /gmail/v1/users/:user/history";
const rarely = { schedule: "0 0 1 1 *", options: { subscription: undefined, topic: undefined } };

// Side by side: most of the time is spent waiting.
describe.concurrent("a Gmail mailbox", () => {
  it("that only notifications have read is read whole, also where Gmail, Statewave and the program fail behind an answered one", async (test) => {
    const { google, world } = await openMailbox(test, { mails: 30 }, rarely);
    const { workspace, statewave } = world;
    const delivered = (count: number) => until(`${count} mails are delivered`, () => new Set(markersIn(world)).size === count);
    let runner = await workspace.run();
    expect(await notify(await runner.listening(), "1")).toBe(200);
    await delivered(30);

    google.setFaults([{ type: "status", status: 503, on: historyRoute }]);
    for (let count = 0; count < 5; count += 1) google.mailbox.receive();
    expect(await notify(await runner.listening(), "2")).toBe(200);
    await runner.logged("run failed while it read the source");
    await runner.kill();
    runner = await workspace.run();
    await runner.logged("run failed while it read the source");
    google.setFaults([]);
    await delivered(35);

    const requests = () => statewave.stats().requests;
    const before = requests();
    statewave.setFaults([{ type: "status", status: 503 }]);
    for (let count = 0; count < 5; count += 1) google.mailbox.receive();
    expect(await notify(await runner.listening(), "3")).toBe(200);
    await until("Statewave refused the mails", () => requests() > before);
    await runner.kill();
    statewave.setFaults([]);
    runner = await workspace.run();
    await delivered(40);
    expect(markersIn(world)).toHaveLength(40);
    await runner.terminate();
  });

  it("whose runs end at `max_items` is read whole, in its listing and in its history, and no mail is fetched twice", async (test) => {
    const { google, world } = await openMailbox(test, { mails: 60 }, { options: { max_items: 20, ...rarely.options } });
    const delivered = (count: number) => until(`${count} mails are delivered`, () => new Set(markersIn(world)).size === count);
    const runner = await world.workspace.run();
    await delivered(60);
    for (let count = 0; count < 60; count += 1) google.mailbox.receive();
    await delivered(120);
    expect([markersIn(world).length, google.requests[messageRoute]]).toEqual([120, 120]);
    const cut = runner.log.filter(({ msg, reason }) => msg === "run ended early; the rest follows" && reason === "max_items");
    expect(cut.length, "runs that ended at max_items").toBeGreaterThanOrEqual(4);
    await runner.terminate();
  });
});
