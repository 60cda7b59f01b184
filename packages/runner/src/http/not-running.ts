import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer, sendableResponse, unavailable } from "@statewave-connectors/connector-sdk/receive";
import { BasePath } from "./base-path.ts";

/** What `fetch` answers while nothing is open: the process is alive but not ready, and a provider must send its webhook again. */
export function notRunningResponse(request: Request, basePath: string): Response {
  const { pathname } = new URL(request.url);
  const path = new BasePath(basePath).below(pathname) ?? pathname;
  const { status, headers, body } = sendableResponse(notRunningAnswer(path));
  return new Response(request.method === "HEAD" ? null : (body ?? null), { status, headers });
}

function notRunningAnswer(path: string): ReceiverResponse {
  if (path === "/healthz") return jsonAnswer(200, { status: "ok" });
  if (path === "/readyz") return jsonAnswer(503, { status: "not_ready" });
  return unavailable("the runner is not running");
}
