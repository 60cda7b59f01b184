import type { Clock } from "@statewave-connectors/connector-sdk";
import { bodyTooLarge, jsonAnswer, methodNotAllowed } from "@statewave-connectors/connector-sdk/receive";
import { BodyBudget, BodyReservation } from "../http/body-budget.ts";
import type { BodyReading } from "../http/body-reading.ts";
import type { Exchange, Route } from "../http/route.ts";
import type { Subtree } from "../http/route-server.ts";
import type { Console } from "./console-host.ts";

/** A form names up to a hundred letters. */
const maxFormBytes = 64 * 1024;
const bodyTimeoutMs = 5_000;
/** Of all forms in flight. */
const budgetBytes = 16 * 1024 * 1024;
const methods = ["GET", "HEAD", "POST"];

/** Where the page is, and a route that has it answer. */
export function consoleSubtree(page: Console, clock: Clock): Subtree {
  return { path: "/console", route: consoleRoute(page, clock) };
}

function consoleRoute(page: Console, clock: Clock): Route {
  const budget = new BodyBudget(budgetBytes);
  return async (exchange) => {
    if (!methods.includes(exchange.method)) return void exchange.send(methodNotAllowed(methods));
    const reservation = new BodyReservation(budget);
    try {
      const reading = await readForm(exchange, clock, reservation);
      if (reading !== undefined && reading.type !== "complete") return refuseForm(exchange, reading);
      const request = toRequest(exchange, reading?.body);
      if (request === undefined) return void exchange.send(jsonAnswer(400, { error: "bad_request" }));
      await send(exchange, await page(request, exchange.peer));
    } finally {
      reservation.release();
    }
  };
}

async function readForm(exchange: Exchange, clock: Clock, reservation: BodyReservation): Promise<BodyReading | undefined> {
  if (exchange.method !== "POST") return undefined;
  return exchange.readBody({ maxBytes: maxFormBytes, timeoutMs: bodyTimeoutMs, clock, reservation });
}

function refuseForm(exchange: Exchange, { type }: Exclude<BodyReading, { type: "complete" }>): void {
  if (type === "gone") return;
  const status = { timed_out: 408, no_room: 503, unreadable: 400 } as const;
  exchange.send(type === "too_large" ? bodyTooLarge(maxFormBytes) : jsonAnswer(status[type], { error: type }));
}

/** Undefined: its target or its headers cannot be read. */
function toRequest({ method, target, headers, hosts }: Exchange, form: Uint8Array | undefined): Request | undefined {
  try {
    const named = Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
    const body = form === undefined ? {} : { body: new Uint8Array(form) };
    return new Request(`http://${hosts[0] ?? "localhost"}${target}`, { method, headers: named as [string, string][], ...body });
  } catch {
    return undefined;
  }
}

async function send(exchange: Exchange, response: Response): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  exchange.send({ status: response.status, headers: Object.fromEntries(response.headers), bytes });
}
