import type { OpenSinkOptions } from "../sinks/open-sink.ts";
import { type Access, checkAccess } from "../sinks/statewave/check-access.ts";
import { lookAtServer } from "../sinks/statewave/look-at-server.ts";
import { serverOptions } from "../sinks/statewave/open-server.ts";
import { remarksOn, type ServerRemark } from "../sinks/statewave/server-remarks.ts";
import { StatewaveServer } from "../sinks/statewave/statewave-server.ts";
import { type Finding } from "../checks/finding.ts";

/**
 * Whether Statewave can be reached and takes the key and tenant. An empty batch is refused with 422 once those have passed, and writes
 * nothing.
 */
export async function checkStatewave(options: OpenSinkOptions, signal: AbortSignal): Promise<Finding> {
  const server = new StatewaveServer(serverOptions(options));
  try {
    return judge(await checkAccess(server, options.clock, signal), server.description);
  } finally {
    await server.close();
  }
}

/** What Statewave shows of itself; nothing when it answers nothing, which `checkStatewave` reports. */
export async function inspectStatewave(options: OpenSinkOptions, signal: AbortSignal): Promise<readonly Finding[]> {
  const server = new StatewaveServer(serverOptions(options));
  try {
    const look = await lookAtServer(server, options.clock, signal);
    return look === undefined ? [] : remarksOn(look).map(toFinding);
  } finally {
    await server.close();
  }
}

function toFinding({ level, message, values = {}, hint }: ServerRemark): Finding {
  const facts = Object.entries(values).map(([name, value]) => `${name}: ${value}`);
  return {
    ok: level !== "fail",
    ...((level === "warn" || level === "unknown") && { isWarning: true }),
    message: facts.length === 0 ? message : `${message} (${facts.join(", ")})`,
    hint,
  };
}

function judge(access: Access, description: string): Finding {
  switch (access.type) {
    case "granted":
      return { ok: true, message: `${description} answers and takes the key` };
    case "limited":
      return { ok: true, isWarning: true, message: `${description} answers; its request limit is reached at the moment` };
    case "refused":
      return { ok: false, message: `${description} refuses everything: ${access.reason}`, hint: access.hint };
    case "failing":
      return {
        ok: false,
        message: `${description} answers, but takes nothing now: ${access.reason}`,
        hint: access.hint,
      };
    case "unreachable":
      return {
        ok: false,
        message: `${description} cannot be reached: ${access.reason}`,
        hint: access.hint,
      };
  }
}
