import { ConnectorsError } from "../contract/errors.ts";
import type { Received, Respond } from "../contract/receiver.ts";
import { type Refusal, refusalReasons } from "../contract/refusal.ts";
import type { Fields } from "../items/fields.ts";

/** What `verify` answered. Throws `PUSH_DECISION_INVALID` for anything but undefined and a refusal: nothing else proves a sender. */
export function requireVerdict(verdict: unknown): Refusal | undefined {
  if (verdict === undefined) return undefined;
  const reasons: readonly unknown[] = refusalReasons;
  if (isObject(verdict) && reasons.includes(verdict["reason"])) return verdict as unknown as Refusal;
  const answered = isObject(verdict) ? `an object whose \`reason\` is ${nameOf(verdict["reason"])}` : nameOf(verdict);
  throw invalid(`\`verify\` answered ${answered} instead of undefined or a refusal`);
}

/** What a member answered when it answered anything. Throws as {@link requireReceived} does. */
export function requireRespond(answered: unknown, member: "respond" | "respondUnverified"): Respond | undefined {
  if (answered === undefined || answered === null) return undefined;
  const decided = requireReceived(answered, member);
  if (decided.type === "respond") return decided;
  throw invalid(`\`${member}\` decided "${decided.type}"`);
}

/** What a receiver decided. Throws `PUSH_DECISION_INVALID` for no decision, and `PUSH_BAD_RESPONSE` for an answer that cannot be sent. */
export function requireReceived(decided: unknown, member: "receive" | "respond" | "respondUnverified"): Received {
  const what = `\`${member}\` decided`;
  if (!isObject(decided)) throw invalid(`${what} ${nameOf(decided)}`);
  const { type, id, headers, body, part, response } = decided;
  if (type !== "event" && type !== "trigger" && type !== "respond") throw invalid(`${what} the type ${nameOf(type)}`);
  if (type === "respond" || response !== undefined) requireResponse(response, member);
  if (type === "respond") return decided as unknown as Received;
  if (id !== undefined && typeof id !== "string") throw invalid(`${what} the id ${nameOf(id)}`);
  if (part !== undefined && typeof part !== "string") throw invalid(`${what} the part ${nameOf(part)}`);
  if (headers !== undefined && !areHeaders(headers)) throw invalid(`${what} headers that are no texts by name`);
  if (body !== undefined && !(body instanceof Uint8Array)) throw invalid(`${what} a body that is ${nameOf(body)}`);
  return decided as unknown as Received;
}

/** What `identify` or `partOf` answered. Throws `PUSH_DECISION_INVALID` for what is no text: without its id an event would be stored twice. */
export function requireText(answered: unknown, member: "identify" | "partOf"): string | undefined {
  if (answered === undefined || answered === null) return undefined;
  if (typeof answered === "string") return answered;
  throw invalid(`\`${member}\` answered ${nameOf(answered)} instead of a text`);
}

function requireResponse(response: unknown, member: string): void {
  const fault = responseFault(response);
  if (fault === undefined) return;
  throw new ConnectorsError({
    code: "PUSH_BAD_RESPONSE",
    message: `the connector's \`${member}\` gave a response that cannot be sent: ${fault}`,
    hint,
  });
}

function responseFault(response: unknown): string | undefined {
  if (!isObject(response)) return `it is ${nameOf(response)}`;
  const { status, headers, body } = response;
  if (typeof status !== "number") return `its status is ${nameOf(status)}`;
  if (headers !== undefined && !areHeaders(headers)) return "its headers are no texts by name";
  return body === undefined || typeof body === "string" ? undefined : `its body is ${nameOf(body)} instead of a text`;
}

function areHeaders(headers: unknown): boolean {
  return isObject(headers) && Object.values(headers).every((value) => typeof value === "string");
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function invalid(what: string): ConnectorsError {
  return new ConnectorsError({ code: "PUSH_DECISION_INVALID", message: `the connector's ${what}`, hint });
}

const hint = "update the connector, or report this to its author";
