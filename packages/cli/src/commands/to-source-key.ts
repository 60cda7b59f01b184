import { InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";

/** The source that an argument names. */
export function toSourceKey(text: string): SourceKey {
  const source = parseSourceKey(text);
  if (source === undefined) throw new InvalidArgumentError("It is not of the form kind/name.");
  return source;
}
