import type { ConnectorsErrorOptions } from "@statewave-connectors/connector-sdk/host";

/** What a reload did with one entry or setting. `failed` and `restart`: it stays as it was. */
export type ReloadResult = "added" | "changed" | "removed" | "failed" | "restart";

export interface ReloadedPart {
  /** `pull:github/main`, or a setting such as `[statewave] api_key`. */
  readonly subject: string;
  readonly result: ReloadResult;
  /** Whether a run under way has to end first, at its next page. */
  readonly isPending?: boolean;
  /** Why it needs a restart. */
  readonly because?: string;
  /** Why it failed. */
  readonly error?: Pick<ConnectorsErrorOptions, "code" | "message" | "hint">;
}

/** What a reload did. */
export interface ReloadReport {
  readonly parts: readonly ReloadedPart[];
  /** Entries that stay as they are. */
  readonly unchanged: number;
}
