import type { Engine } from "../composition/engine.ts";
import type { Subtree } from "../http/route-server.ts";
import type { TokenGate } from "../http/token-gate.ts";
import type { Activity } from "./activity.ts";
import type { OpenConsole } from "./console-host.ts";
import { consoleSubtree } from "./console-route.ts";
import { consoleHostOf } from "./host-of.ts";

/** What the page for operators is about. */
export interface Shown {
  readonly engine: Engine;
  readonly activity: Activity;
  readonly gate: TokenGate;
}

/** The page, and where it is. */
export function openPage(openConsole: OpenConsole, { engine, activity, gate }: Shown): Subtree {
  return consoleSubtree(openConsole(consoleHostOf(engine, activity, gate)), engine.clock);
}
