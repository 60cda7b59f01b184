import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { ExamplePullOptions } from "./config.ts";
import { badAnswer, toError, unavailable } from "./errors.ts";
import { NoteChange } from "./note.ts";

const ChangesPage = v.object({ changes: v.array(NoteChange), more: v.boolean() });

/** One page of the provider. */
export type ChangesPage = v.InferOutput<typeof ChangesPage>;

const requestTimeoutMs = 30_000;

/** GETs the changes behind number `after`, oldest first. Throws a `ConnectorsError`, or the reason of an abort. */
export async function getChanges(
  { base_url: baseUrl, token }: ExamplePullOptions,
  { after, limit }: { readonly after: number; readonly limit: number },
  { clock, fetch }: Pick<ConnectorContext, "clock" | "fetch">,
  signal: AbortSignal,
): Promise<ChangesPage> {
  const asked = `GET /changes?after=${after}&limit=${limit}`;
  const deadline = new AbortController();
  const cancelTimer = clock.after(requestTimeoutMs, () => deadline.abort());
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}${asked.slice("GET ".length)}`, {
      headers: { authorization: `Bearer ${token.reveal()}`, accept: "application/json" },
      // The token is for this host: whoever answers with a redirect does not get it.
      redirect: "error",
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    text = await response.text();
  } catch (error) {
    signal.throwIfAborted();
    const reason = deadline.signal.aborted ? `took over ${requestTimeoutMs / 1000} s` : "failed";
    throw unavailable(`${asked} at ${baseUrl} ${reason}`, error);
  } finally {
    cancelTimer();
  }
  if (!response.ok) throw toError(response, asked, clock.now());
  return parsePage(text, asked);
}

function parsePage(text: string, asked: string): ChangesPage {
  try {
    return v.parse(ChangesPage, JSON.parse(text));
  } catch (error) {
    throw badAnswer(`The answer to ${asked} is not a list of changes`, error);
  }
}
