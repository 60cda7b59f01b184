import type { Episode } from "@statewave-connectors/connector-sdk";
import { sleep, type Clock } from "@statewave-connectors/connector-sdk";

interface Subject {
  stored: number;
  compiled: number;
}

/** Answers a request to compile a subject instead of the model; undefined leaves it to the model. */
export type Override = (subject: string) => Response | undefined;

export const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

/** What matters of Statewave here: how many episodes a subject has, and how many of them are compiled. Time is the clock's. */
export class ModelServer {
  readonly #clock: Clock;
  readonly #subjects = new Map<string, Subject>();
  /** Requests to compile, by subject, in order. */
  readonly calls: { readonly subject: string; readonly atMs: number }[] = [];
  /** How long a compile takes. */
  takesMs = 5;
  /** How many episodes one request compiles. */
  batchSize = Infinity;
  override: Override = () => undefined;
  /** At a time, and the most there were. */
  running = 0;
  mostRunning = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly ingest = async (episodes: readonly Episode[]): Promise<void> => {
    for (const { subject } of episodes) this.#subject(subject).stored += 1;
  };

  readonly fetch: typeof fetch = async (_, init) => {
    const { subject_id: subject } = JSON.parse(typeof init?.body === "string" ? init.body : "{}") as { subject_id: string };
    this.calls.push({ subject, atMs: this.#clock.now() });
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    // What arrives while a compile is under way is not part of it.
    const { stored } = this.#subject(subject);
    await sleep(this.#clock, this.takesMs);
    this.running -= 1;
    const answer = this.override(subject);
    if (answer !== undefined) return answer;
    const row = this.#subject(subject);
    const created = Math.min(this.batchSize, Math.max(0, stored - row.compiled));
    row.compiled += created;
    const left = Math.max(0, stored - row.compiled);
    return json(200, {
      subject_id: subject,
      memories_created: created,
      memories: [],
      has_more: left > 0,
      remaining_episodes: left,
    });
  };

  /** The subjects that have episodes which are not compiled. */
  get uncompiled(): readonly string[] {
    return [...this.#subjects].filter(([, { stored, compiled }]) => compiled < stored).map(([subject]) => subject);
  }

  /** How often each subject was compiled. */
  get callsBySubject(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { subject } of this.calls) counts.set(subject, (counts.get(subject) ?? 0) + 1);
    return counts;
  }

  #subject(name: string): Subject {
    let subject = this.#subjects.get(name);
    if (subject === undefined) this.#subjects.set(name, (subject = { stored: 0, compiled: 0 }));
    return subject;
  }
}
