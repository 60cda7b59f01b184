import type { Clock } from "@statewave-connectors/connector-sdk";
import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { classifyAnswer, notStatewave } from "./classify-answer.ts";
import { judgeEcho } from "./judge-echo.ts";
import { silenceHint } from "./silence-hint.ts";
import type { StatewaveServer } from "./statewave-server.ts";

const timeoutMs = 20_000;

/** Whether a server takes episodes of this configuration. */
export type Access =
  /** The address, the key and the tenant are right. */
  | { readonly type: "granted" }
  /** As far as it goes: the server requests a pause. */
  | { readonly type: "limited" }
  /** `failing`: it answers, and cannot serve for now. */
  | { readonly type: "refused" | "failing" | "unreachable"; readonly reason: string; readonly hint: string };

/** Sends an empty batch, which Statewave refuses with 422 once key and tenant have passed, and which writes nothing. Never throws. */
export async function checkAccess(server: Pick<StatewaveServer, "exchange">, clock: Clock, signal: AbortSignal): Promise<Access> {
  const request = { method: "POST", path: "/v1/episodes/batch", body: '{"episodes":[]}', timeoutMs } as const;
  const exchange = await server.exchange(request, signal);
  if (exchange.type === "silent") {
    const { reason, hint = silenceHint(reason) } = exchange;
    return { type: "unreachable", reason, hint };
  }
  const { answer } = exchange;
  const result = classifyAnswer(answer, clock.now());
  if (result.type !== "accepted") return toAccess(result);
  const { isWhole = true, body, status } = answer;
  const verdict = judgeEcho({ text: body, isWhole }, 0);
  return verdict.type === "stranger" ? toAccess(notStatewave(`${status} ${verdict.why}`)) : { type: "granted" };
}

const logHint = "look at the log of Statewave, or of the proxy in front of it";

function toAccess(result: Exclude<SendResult, { type: "accepted" }>): Access {
  switch (result.type) {
    case "limited":
      return { type: "limited" };
    case "failed":
      return { type: "failing", reason: result.reason, hint: logHint };
    case "stopped":
      return { type: "refused", reason: result.reason, hint: result.hint ?? logHint };
    case "refused":
      // Statewave names what it refuses; a 422 without a reason comes from another server.
      if (/^422./.test(result.reason)) return { type: "granted" };
      return {
        type: "refused",
        reason: `${result.reason} for an empty batch, as Statewave does not`,
        hint: "check [statewave] url",
      };
  }
}
