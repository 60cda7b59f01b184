import { startFakeGoogle } from "@statewave-connectors/connector-gmail/testing";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { sharedStores } from "./shared-store.ts";
import { makeWaitingWorld, numbersIn } from "./waiting-world.ts";

const scopes = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/pubsub"];

describe.each(sharedStores)("of two processes on $kind one pulls the notifications of Gmail", (store) => {
  it("and when it is killed the other one does, every mail is stored once, and every notification acknowledged", async (test) => {
    const google = await startFakeGoogle({ mails: 3 });
    test.onTestFinished(() => google.close());
    google.signIn.scopes = scopes;
    const { topic, subscription, entry } = google;
    const options = Object.entries({ ...entry, units_per_minute: 1_000_000, topic, subscription });
    const lines = options.map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    const world = await makeWaitingWorld(test, store, {
      source: "gmail/inbox",
      entry: ['[[pull.gmail]]\nname = "inbox"\nschedule = "0 0 1 1 *"', ...lines].join("\n"),
    });
    const stored = () => numbersIn(world.statewave.episodes, /marker:(\d{1,9})/);
    let sent = 3;
    const receive = () => {
      google.mailbox.receive();
      sent += 1;
    };
    await world.fleet.start();
    await until("the mails of before are stored", () => stored().length >= sent);
    await until("Gmail notifies the topic", () => google.pubsub.pushed.length > 0);
    const holder = await world.holder();
    receive();
    await holder.killForGood();
    receive();
    await until("the mails are stored that came when nobody pulled", () => stored().length >= sent);
    const heir = await world.holder();
    expect(heir).not.toBe(holder);
    receive();
    await until("the heir learns of new mail", () => stored().length >= sent);
    await until("all notifications are acknowledged", () => google.pubsub.unacknowledged(subscription) === 0);
    // Renewed once for both, and not again by the heir before its time.
    expect(google.requests["POST /gmail/v1/users/:user/watch"]).toBe(1);
    await world.fleet.stop();
    expect(stored().toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, at) => at + 1));
    expect(google.refused).toEqual([]);
  });
});
