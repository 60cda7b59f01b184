import type { PullEntry, PushEntry } from "@statewave-connectors/config";
import { type EntryName, formatEntryName } from "../entry-name.ts";

/** An entry that is opened anew. */
export type EntryStep =
  | { readonly type: "add" | "change"; readonly direction: "pull"; readonly entry: PullEntry }
  | { readonly type: "add" | "change"; readonly direction: "push"; readonly entry: PushEntry };

/** One thing that a reload does, or leaves. */
export type ReloadStep =
  | EntryStep
  | { readonly type: "remove"; readonly name: EntryName }
  /** The key of Statewave, or the credentials of its address. */
  | { readonly type: "key" }
  /** What requests for metrics or details have to carry. */
  | { readonly type: "credentials"; readonly subject: "[runner.metrics] auth" | "[runner.admin] token" }
  /** What a running process cannot change. */
  | RestartStep;

export interface RestartStep {
  readonly type: "restart";
  /** A setting such as `[runner] port`, or an entry. */
  readonly subject: string;
  /** Of an entry: what it depends on. */
  readonly because?: string;
}

/** What a step is about: an entry or a setting. */
export function subjectOf(step: ReloadStep): string {
  switch (step.type) {
    case "add":
    case "change":
      return formatEntryName({ direction: step.direction, source: step.entry });
    case "remove":
      return formatEntryName(step.name);
    case "key":
      return "[statewave] api_key";
    case "credentials":
    case "restart":
      return step.subject;
  }
}
