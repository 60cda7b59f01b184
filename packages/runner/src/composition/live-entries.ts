import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryName } from "../entry-name.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { OpenedPush } from "../push/opened-push.ts";

export interface OpenedEntries {
  readonly pulls: readonly OpenedPull[];
  readonly pushes: readonly OpenedPush[];
}

/** The entries as they are opened at this moment: a reload replaces them one by one. */
export class LiveEntries implements OpenedEntries {
  readonly #pulls: Map<string, OpenedPull>;
  readonly #pushes: Map<string, OpenedPush>;
  #listed: OpenedEntries | undefined;

  constructor(pulls: readonly OpenedPull[], pushes: readonly OpenedPush[]) {
    this.#pulls = byKey(pulls);
    this.#pushes = byKey(pushes);
  }

  get pulls(): readonly OpenedPull[] {
    return this.#list().pulls;
  }

  get pushes(): readonly OpenedPush[] {
    return this.#list().pushes;
  }

  pullOf(source: SourceKey): OpenedPull | undefined {
    return this.#pulls.get(formatSourceKey(source));
  }

  pushOf(source: SourceKey): OpenedPush | undefined {
    return this.#pushes.get(formatSourceKey(source));
  }

  putPull(pull: OpenedPull): void {
    this.#pulls.set(formatSourceKey(pull.key), pull);
    this.#listed = undefined;
  }

  putPush(push: OpenedPush): void {
    this.#pushes.set(formatSourceKey(push.key), push);
    this.#listed = undefined;
  }

  remove({ direction, source }: EntryName): void {
    (direction === "pull" ? this.#pulls : this.#pushes).delete(formatSourceKey(source));
    this.#listed = undefined;
  }

  #list(): OpenedEntries {
    this.#listed ??= { pulls: [...this.#pulls.values()], pushes: [...this.#pushes.values()] };
    return this.#listed;
  }
}

function byKey<Opened extends { readonly key: SourceKey }>(entries: readonly Opened[]): Map<string, Opened> {
  return new Map(entries.map((entry) => [formatSourceKey(entry.key), entry]));
}
