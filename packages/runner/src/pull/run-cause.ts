import type { RunCause } from "@statewave-connectors/connector-sdk/host";

/** When more parts are named, much has changed: none of them is preferred. */
const mostParts = 16;

/** The parts that were named since the last run began. Its size is bounded, however many are named. */
export class NamedParts {
  #parts = new Set<string>();

  add(part: string): void {
    if (this.#parts.size <= mostParts) this.#parts.add(part);
  }

  /** All of them; from now on none is named. */
  take(): ReadonlySet<string> {
    const taken = this.#parts;
    this.#parts = new Set();
    return taken;
  }
}

/** The cause of a run that answers these requests. */
export function causeOf(requests: Iterable<{ readonly takeParts?: (() => Iterable<string>) | undefined }>): RunCause {
  const named = new NamedParts();
  for (const { takeParts } of requests) for (const part of takeParts?.() ?? []) named.add(part);
  const parts = [...named.take()];
  return parts.length === 0 || parts.length > mostParts ? {} : { parts };
}
