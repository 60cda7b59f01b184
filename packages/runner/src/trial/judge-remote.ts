import { describeError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import { sampleHeader } from "@statewave-connectors/connector-sdk/receive";
import type { Finding } from "../checks/finding.ts";

/** A signed sample on its way to a runner. */
export interface RemoteSample {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** What the receiver would store of it: then a runner says that it did not, because of the mark. */
  readonly stores: "event" | "trigger" | undefined;
  readonly delivers: boolean;
}

const answerWithinMs = 15_000;

/** What a runner makes of a sample. No redirect is followed: a provider follows none either. */
export async function judgeRemote(
  fetch: typeof globalThis.fetch,
  { url, headers, body, stores, delivers }: RemoteSample,
  signal: AbortSignal,
): Promise<Finding> {
  const where = `${url.origin}${url.pathname}`;
  let response: Response;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
    response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: limited });
  } catch (thrown) {
    signal.throwIfAborted();
    const hint = "check that the runner runs, and that this address leads to it from here";
    return { ok: false, message: `${where} cannot be reached: ${describeError(toError(thrown))}`, hint };
  }
  const isMarked = response.headers.get(sampleHeader) !== null;
  await response.body?.cancel();
  const answered = `${where} answers ${response.status}`;
  if (response.status < 200 || response.status > 299) return { ok: false, message: answered, hint: hintFor(response.status) };
  if (stores === undefined) return { ok: true, message: `${answered}, as to every such delivery, and stores nothing` };
  if (delivers && stores === "trigger")
    return { ok: true, message: `${answered}: the sample is stored, and the twin of the receiver is read` };
  if (delivers) return { ok: true, message: `${answered}: the sample is stored, and is delivered to Statewave` };
  if (isMarked) return { ok: true, message: `${answered}: the signature is right, and the sample is not stored` };
  const hint = "check which program answers there, and update the runner: it may have stored the sample";
  return { ok: false, message: `${answered}, but not as a runner that knows samples`, hint };
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "give the runner behind this address the secret that this configuration has";
  if (status === 404) return "check the path: a proxy may change it, and another configuration may run there";
  if (status >= 300 && status < 400) return "name the address that it redirects to: providers follow no redirect";
  if (status === 413) return "raise the body limit of the proxy in front of the runner";
  if (status >= 500) return "look at the log of the runner and of the proxy in front of it";
  return "check which program answers at this address";
}
