import type { NoticeEvent } from "@statewave-connectors/config/result";

/** Something that is wrong at this moment. */
export interface SeenTrouble {
  /** The same for the same trouble: the event, and what it is about. */
  readonly key: string;
  readonly event: NoticeEvent;
  /** `pull:kind/name`; absent where it concerns no entry. */
  readonly entry?: string | undefined;
  readonly sinceMs: number;
  /** One sentence. What others wrote in it neither links nor mentions. */
  readonly text: string;
}

/** A trouble that was seen, from its first sight on. Of one that is over, only that it was there is kept, for a day. */
export interface Incident extends SeenTrouble {
  readonly seenAtMs: number;
  /** Absent: it has not lasted for long enough. */
  readonly reportedAtMs?: number | undefined;
  /** Absent while the trouble is there. */
  readonly wellSinceMs?: number | undefined;
  /** When its end was reported. */
  readonly endedAtMs?: number | undefined;
  /** How often it was reported in the last day. */
  readonly times: number;
}

/** The key of a trouble. */
export function troubleKey(event: NoticeEvent, about = ""): string {
  return about === "" ? event : `${event} ${about}`;
}

/** Names one incident among all: a receiver of notices may get its beginning twice after a crash. */
export function incidentId({ key, seenAtMs }: Pick<Incident, "key" | "seenAtMs">): string {
  return `${key} ${new Date(seenAtMs).toISOString()}`;
}
