import type { Connector, PullSource } from "./connector.ts";
import type { PushReceiver } from "./receiver.ts";

/** Something that a connector may be able to do. */
export type Capability =
  | "pull"
  | "pull.check"
  | "pull.fetch_item"
  | "pull.maintain"
  | "pull.map"
  | "pull.range"
  | "pull.reset_stream"
  | "pull.seed"
  | "pull.streams"
  | "pull.test_push"
  | "pull.wait"
  | "push"
  | "push.check"
  | "push.fetch_item"
  | "push.map"
  | "push.samples"
  | "push.test_push";

/** Entries of a connector that are open. */
export interface OpenedSources {
  readonly pull?: PullSource | undefined;
  readonly push?: PushReceiver | undefined;
}

/**
 * What a connector is able to do, sorted: derived from what is present, so that nothing is declared twice. What only an opened entry shows
 * (`check`, `fetch_item`, `maintain`, `map`, `range`, `test_push`, `wait`) is listed when it is passed.
 */
export function capabilitiesOf({ pull, push }: Connector, opened: OpenedSources = {}): readonly Capability[] {
  const present: Readonly<Record<Capability, boolean>> = {
    pull: pull !== undefined,
    "pull.check": opened.pull?.check !== undefined,
    "pull.fetch_item": opened.pull?.fetchItem !== undefined,
    "pull.maintain": opened.pull?.maintain !== undefined,
    "pull.map": opened.pull?.map !== undefined,
    "pull.range": opened.pull?.range !== undefined,
    "pull.reset_stream": pull?.resetStream !== undefined,
    "pull.seed": pull?.seed !== undefined,
    "pull.streams": pull?.streams !== undefined,
    "pull.test_push": opened.pull?.testPush !== undefined,
    "pull.wait": opened.pull?.wait !== undefined,
    push: push !== undefined,
    "push.check": opened.push?.check !== undefined,
    "push.fetch_item": opened.push?.fetchItem !== undefined,
    "push.map": opened.push?.map !== undefined,
    "push.samples": push?.samples !== undefined,
    "push.test_push": opened.push?.testPush !== undefined,
  };
  return (Object.keys(present) as Capability[]).filter((capability) => present[capability]);
}
