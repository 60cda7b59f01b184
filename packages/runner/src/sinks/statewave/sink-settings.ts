import type { Secret } from "@statewave-connectors/connector-sdk";

/** The `[statewave]` table, as far as it says where episodes go. */
export interface SinkSettings {
  /** `http(s)://…`, `file:./episodes.jsonl` or `stdout:`. */
  readonly url: string;
  /** `user:password` for a proxy in front of the server. */
  readonly credentials?: Secret | undefined;
  readonly apiKey?: Secret | undefined;
  readonly tenantId?: string | undefined;
  readonly tenantHeader: string;
}
