import { dovecotPassword, hasDovecot, startDovecot } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { sharedStores } from "./shared-store.ts";
import { makeWaitingWorld, numbersIn } from "./waiting-world.ts";

const user = "ada@example.com";
const [store] = sharedStores;

function mailOf(number: number): string {
  const head = ["From: Bo <bo@example.org>", `To: ${user}`, `Subject: Mail ${number}`, `Message-ID: <${number}@test>`];
  return [...head, "", `As agreed, mark:${number} stands.`, ""].join("\r\n");
}

describe.skipIf(!hasDovecot() || store === undefined)("of two processes one waits at a real IMAP server", () => {
  it("and when it is killed the other one does, and every mail is stored once", async (test) => {
    if (store === undefined) return;
    const dovecot = await startDovecot();
    test.onTestFinished(() => dovecot.stop());
    const lines = [`host = "127.0.0.1"`, `port = ${dovecot.port}`, 'tls = "none"', `username = "${user}"`];
    const world = await makeWaitingWorld(test, store, {
      source: "imap/box",
      entry: ['[[pull.imap]]\nname = "box"\nschedule = "0 0 1 1 *"', ...lines, `password = "${dovecotPassword}"`].join("\n"),
    });
    const script = await dovecot.connect(user);
    const stored = () => numbersIn(world.statewave.episodes, /mark:(\d+)/);
    let sent = 0;
    const send = async (count: number) => {
      await script.append(
        "INBOX",
        Array.from({ length: count }, () => ({ mail: mailOf((sent += 1)) })),
      );
    };
    await world.fleet.start();
    await send(3);
    await until("the first mails are stored", () => stored().length >= sent);
    const holder = await world.holder();
    await send(1);
    await holder.killForGood();
    await send(1);
    await until("the mails are stored that came when nobody waited", () => stored().length >= sent);
    const heir = await world.holder();
    expect(heir).not.toBe(holder);
    await send(2);
    await until("the heir hears of new mails", () => stored().length >= sent);
    // The one that was killed comes back, and leaves the wait to the other.
    await holder.start();
    await send(1);
    await until("the last mail is stored", () => stored().length >= sent);
    expect(await world.holder()).toBe(heir);
    await world.fleet.stop();
    expect(stored().toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, at) => at + 1));
  });
});
