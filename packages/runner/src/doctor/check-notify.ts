import { connect, isIP, type Socket } from "node:net";
import { hostname } from "node:os";
import { connect as connectTls } from "node:tls";
import type { NotifyEntry } from "@statewave-connectors/config/result";
import type { Clock } from "@statewave-connectors/connector-sdk";
import { systemCodeOf } from "@statewave-connectors/connector-sdk/http";
import { within } from "../deadline/within.ts";
import { openConnectorFetch } from "../network/connector-fetch.ts";
import type { Network } from "../network/network.ts";
import { testBody } from "../notices/messages/notice-body.ts";
import { postNotice } from "../notices/messages/post-notice.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import type { Finding } from "../checks/finding.ts";

export interface CheckNotifyOptions extends Pick<EngineOptions, "logger"> {
  readonly fetchImpl: EngineOptions["fetchImpl"] | undefined;
  readonly network: Network;
  readonly clock: Clock;
  /** Whether a test message is sent. */
  readonly sends: boolean;
}

const connectWithinMs = 10_000;
const urlHint = "check the url of this [[notify]], the way to its server, and [runner.http] if it has an authority of its own";

/** Whether the server of a `[[notify]]` can be reached, and, if wanted, whether it takes a message. Its URL is never shown. */
export async function checkNotify(entry: NotifyEntry, options: CheckNotifyOptions, signal: AbortSignal): Promise<Finding> {
  return options.sends ? sendTest(entry, options, signal) : tryServer(entry, options, signal);
}

async function sendTest(
  entry: NotifyEntry,
  { network, fetchImpl, logger, clock }: CheckNotifyOptions,
  signal: AbortSignal,
): Promise<Finding> {
  const { fetch, close } = openConnectorFetch({ network, fetchImpl, logger });
  try {
    const body = testBody(entry.format, { host: hostname(), nowMs: clock.now() });
    const outcome = await postNotice(entry, body, { fetch, clock, signal });
    if (outcome.type === "sent") return { ok: true, message: `the server accepted a test message in the format ${entry.format}` };
    const hint = `${urlHint}; the format is ${entry.format}`;
    return { ok: false, message: `the server did not accept a test message: ${outcome.reason}`, hint };
  } finally {
    await close();
  }
}

async function tryServer(entry: NotifyEntry, { network, clock }: CheckNotifyOptions, signal: AbortSignal): Promise<Finding> {
  const url = new URL(entry.url.reveal());
  const proxy = network.proxyFor(url);
  const what = `nothing was sent (format ${entry.format})`;
  if (proxy !== undefined)
    return { ok: true, message: `its server was not tried, because messages go through the proxy ${proxy.host}; ${what}` };
  try {
    await within({ clock, timeoutMs: connectWithinMs, signal, reason: noConnection }, (trying) =>
      connectTo(url, network, trying),
    );
    return { ok: true, message: `its server accepts connections; ${what}` };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof NoConnection ? error.message : (systemCodeOf(error) ?? "the connection failed");
    return { ok: false, message: `its server cannot be reached: ${why}`, hint: urlHint };
  }
}

async function connectTo({ protocol, hostname: host, port }: URL, network: Network, signal: AbortSignal): Promise<void> {
  const address = { host: host.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) };
  const { authoritiesOf } = await import("../network/authorities.ts");
  const tls = protocol === "https:" ? await authoritiesOf(network) : undefined;
  const isName = isIP(address.host) === 0;
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      socket.destroy();
      resolve();
    };
    const secure = { ...address, ...tls, ...(isName && { servername: address.host }) };
    const socket: Socket = tls === undefined ? connect(address, done) : connectTls(secure, done);
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

class NoConnection extends Error {}

function noConnection(): Error {
  return new NoConnection(`no connection within ${connectWithinMs / 1_000} s`);
}
