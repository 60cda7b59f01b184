import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Throws `RUNNER_NOT_A_REQUEST`: frameworks wrap requests, and a wrapper has neither the raw body nor the headers in this form. */
export function checkFetchRequest(request: Partial<Request> | undefined): void {
  if (typeof request?.url === "string" && typeof request.headers?.get === "function") return;
  throw new ConnectorsError({
    code: "RUNNER_NOT_A_REQUEST",
    message: "runner.fetch() was called with something other than a fetch Request",
    hint: "pass the framework's raw Request (in Hono `c.req.raw`), or wrap runner.fetch in toNodeListener()",
  });
}
