import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { startTcpProxy, type TcpProxy } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { cursorOf, describeMailbox, mailOf, numberedMails, open } from "./mailbox.ts";

const minuteMs = 60_000;

/** A source that waits, and the runs that it requested. */
function startWaiting(source: Awaited<ReturnType<typeof open>>["source"]) {
  const requests: (string | undefined)[] = [];
  const abort = new AbortController();
  const ended = source
    .wait?.(
      abort.signal,
      (part) => requests.push(part),
      async () => undefined,
    )
    .then(
      () => "returned",
      (error: unknown) => error,
    );
  return { requests, abort, ended };
}

const sentTo = (proxy: TcpProxy, command: string) =>
  expect.poll(() => proxy.received().toString("latin1")).toMatch(new RegExp(`\\b${command}\\r\\n`));

describeMailbox("waiting for new mail", (mailboxes) => {
  const newWait = async (given = {}) => {
    const { user, script, options } = await mailboxes.newUser();
    const proxy = await startTcpProxy(`imap://127.0.0.1:${mailboxes.server.port}`);
    const clock = new FakeClock(Date.now());
    const entry = await open({ ...options, ...given, port: Number(new URL(proxy.url).port) }, { clock });
    return { user, script, proxy, clock, ...entry };
  };

  test("requests a run of the inbox when a mail comes, and ends when it is aborted", async () => {
    const { script, proxy, walk, source } = await newWait();
    await walk();
    const { requests, abort, ended } = startWaiting(source);
    await sentTo(proxy, "IDLE");
    expect(requests, "nothing has come since the last run").toEqual([]);
    await script.append("INBOX", numberedMails(1, 1));
    await expect.poll(() => requests).toEqual(["INBOX"]);
    abort.abort(new Error("stopped"));
    expect(await ended).toMatchObject({ message: "stopped" });
    await proxy.close();
  });

  test("requests a run at once for a mail that arrived while nothing waited", async () => {
    const { script, proxy, walk, source } = await newWait();
    const cursor = cursorOf(await walk());
    await script.append("INBOX", numberedMails(1, 1));
    const { requests, abort, ended } = startWaiting(source);
    await expect.poll(() => requests).toEqual(["INBOX"]);
    expect((await walk(cursor))[0]?.episodes.length).toBe(1);
    abort.abort(new Error("stopped"));
    await ended;
    await proxy.close();
  });

  test.each([
    ["five minutes", {}, 5 * minuteMs],
    ["ten seconds, as the entry says", { idle_renewal: "10s" }, 10_000],
  ])("renews IDLE every %s, and ends when the server has fallen silent for 20 seconds", async (_, given, renewMs) => {
    const { proxy, clock, walk, source } = await newWait(given);
    await walk();
    const { abort, ended } = startWaiting(source);
    const idles = () =>
      proxy
        .received()
        .toString("latin1")
        .match(/ IDLE\r\n/g)?.length ?? 0;
    await expect.poll(idles).toBe(1);
    // The answer to IDLE has to be there before it can be ended.
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    await clock.advance(renewMs);
    await expect.poll(idles).toBe(2);
    proxy.setMode("black-hole");
    await clock.advance(renewMs);
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    await clock.advance(20_000);
    expect(await ended).toMatchObject({ code: "IMAP_UNAVAILABLE", retryable: true });
    abort.abort();
    await proxy.close();
  });

  test("ends when its connection breaks off, so that another one is made", async () => {
    const { proxy, walk, source } = await newWait();
    await walk();
    const { ended } = startWaiting(source);
    await sentTo(proxy, "IDLE");
    proxy.cut();
    expect(await ended).toMatchObject({ code: "IMAP_UNAVAILABLE", retryable: true });
    await proxy.close();
  });

  test("watches the first folder where the inbox is not read", async () => {
    const { script, proxy, walk, source } = await newWait({ folders: ["\\Sent"] });
    await walk();
    const { requests, abort, ended } = startWaiting(source);
    await sentTo(proxy, "IDLE");
    await script.append("INBOX", [{ mail: mailOf({ id: "1@test" }) }]);
    await script.append("Sent", [{ mail: mailOf({ id: "2@test" }) }]);
    await expect.poll(() => requests).toEqual(["Sent"]);
    abort.abort();
    await ended;
    await proxy.close();
  });

  test("is absent where the entry does not want it", async () => {
    const { options } = await mailboxes.newUser();
    expect("wait" in (await open({ ...options, idle: false })).source).toBe(false);
  });
});

describeMailbox(
  "waiting at a server without IDLE",
  (mailboxes) => {
    test("requests news every minute", async () => {
      const { script, options } = await mailboxes.newUser();
      const clock = new FakeClock(Date.now());
      const { source } = await open(options, { clock });
      const { requests, abort, ended } = startWaiting(source);
      await expect.poll(() => requests).toEqual(["INBOX"]);
      await script.append("INBOX", numberedMails(1, 1));
      await clock.advance(minuteMs);
      await expect.poll(() => requests).toEqual(["INBOX", "INBOX"]);
      abort.abort();
      await ended;
    });
  },
  ["imap_capability = IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE"],
);
