import type { ConnectorsConfig } from "@statewave-connectors/config";
import { effectiveRules } from "@statewave-connectors/config/result";
import type { Episode, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeadLetter, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { Redactor } from "@statewave-connectors/redact";
import type { MapText } from "./map-texts.ts";
import { redactEpisode } from "./redact-episode.ts";
import { redactingLogger } from "./redacting-logger.ts";
import { redactItem, redactLetter } from "./redact-letter.ts";

/** Replaces texts as `[privacy]` says, before they leave this process or are shown. */
export interface Privacy {
  /** The episode as it is sent or shown. */
  redactEpisode(source: SourceKey, episode: Episode): Episode;
  redactLetter(letter: DeadLetter): DeadLetter;
  /** An inbox item as it is shown. */
  redactItem(source: SourceKey, item: InboxItem): InboxItem;
  /** A text that may quote the source. */
  redactText(source: SourceKey, text: string): string;
  /** By the rules of all entries: one log line may quote several of them. */
  redactingLogger(logger: Logger): Logger;
}

/** Replaces nothing. */
export const nothingPrivate: Privacy = {
  redactEpisode: (_, episode) => episode,
  redactLetter: (letter) => letter,
  redactItem: (_, item) => item,
  redactText: (_, text) => text,
  redactingLogger: (logger) => logger,
};

/** Loads the rules only where the configuration names one. */
export async function openPrivacy(config: ConnectorsConfig): Promise<Privacy> {
  const { everywhere, bySource } = effectiveRules(config);
  const all = new Set([...everywhere, ...[...bySource.values()].flat()]);
  if (all.size === 0) return nothingPrivate;
  const { builtInRules, openRedactor } = await import("@statewave-connectors/redact");
  const opened = new Map<string, Promise<Redactor>>();
  const open = (names: Iterable<string>): Promise<Redactor> => {
    const chosen = new Set(names);
    const own = (config.privacy?.rules ?? []).filter(({ name }) => chosen.has(name));
    const builtIn = builtInRules.filter((name) => chosen.has(name));
    const key = [...builtIn, ...own.map(({ name }) => name)].join();
    const known = opened.get(key);
    if (known !== undefined) return known;
    const redactor = openRedactor({ builtIn, own });
    opened.set(key, redactor);
    return redactor;
  };
  const redactors = new Map<string, Redactor>();
  for (const [source, names] of bySource) redactors.set(source, await open(names));
  return new RulePrivacy(await open(everywhere), redactors, await open(all));
}

class RulePrivacy implements Privacy {
  readonly #everywhere: MapText;
  readonly #bySource: ReadonlyMap<string, MapText>;
  readonly #all: MapText;

  constructor(everywhere: Redactor, bySource: ReadonlyMap<string, Redactor>, all: Redactor) {
    this.#everywhere = mapTextOf(everywhere);
    this.#bySource = new Map([...bySource].map(([source, redactor]) => [source, mapTextOf(redactor)]));
    this.#all = mapTextOf(all);
  }

  redactEpisode(source: SourceKey, episode: Episode): Episode {
    return redactEpisode(episode, this.#of(source));
  }

  redactLetter(letter: DeadLetter): DeadLetter {
    return redactLetter(letter, this.#of(letter.source));
  }

  redactItem(source: SourceKey, item: InboxItem): InboxItem {
    return redactItem(item, this.#of(source));
  }

  redactText(source: SourceKey, text: string): string {
    return this.#of(source)(text, "");
  }

  redactingLogger(logger: Logger): Logger {
    return redactingLogger(logger, this.#all);
  }

  /** Of a source that has left the configuration: the rules for everything. */
  #of(source: SourceKey): MapText {
    return this.#bySource.get(formatSourceKey(source)) ?? this.#everywhere;
  }
}

function mapTextOf(redactor: Redactor): MapText {
  return (text, name) => (name === "" ? redactor.redact(text) : redactor.redactField(name, text));
}
