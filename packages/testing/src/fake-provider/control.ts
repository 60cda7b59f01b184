import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProviderFault, ProviderFaults } from "./faults.ts";
import { readBody } from "./read-body.ts";
import { writeAnswer } from "./write-answer.ts";

/** What the control endpoint reads and sets. */
export interface Controlled {
  readonly faults: ProviderFaults;
  stats(): unknown;
}

/** Answers a control request; false: it is none. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  controlled: Controlled,
): Promise<boolean> {
  const asked = `${request.method} ${request.url}`;
  if (!request.url?.startsWith("/__fake__/")) return false;
  if (asked === "GET /__fake__/stats") await writeAnswer(response, { body: controlled.stats() });
  else if (asked === "PUT /__fake__/faults") await setFaults(request, response, controlled);
  else await writeAnswer(response, { status: 404, body: { error: "GET /__fake__/stats or PUT /__fake__/faults" } });
  return true;
}

async function setFaults(request: IncomingMessage, response: ServerResponse, { faults }: Controlled): Promise<void> {
  const read = await readBody(request);
  if (!("body" in read) || !Array.isArray(read.body)) {
    await writeAnswer(response, { status: 400, body: { error: "faults are a JSON list" } });
    return;
  }
  faults.set(read.body as readonly ProviderFault[]);
  await writeAnswer(response, { status: 204 });
}
