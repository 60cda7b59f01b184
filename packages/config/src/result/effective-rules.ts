import type { Connector } from "@statewave-connectors/connector-sdk";
import type { ConnectorsConfig, PullEntry, PushEntry } from "./connectors-config.ts";

/** Which redaction rules apply to what. */
export interface EffectiveRules {
  /** To everything that no entry decides about. */
  readonly everywhere: readonly string[];
  /** To the episodes of `kind/name`. A pull and a push of one name share a source, and what either of them redacts is redacted. */
  readonly bySource: ReadonlyMap<string, readonly string[]>;
}

export function effectiveRules(config: Pick<ConnectorsConfig, "privacy" | "pull" | "push">): EffectiveRules {
  const { redact = [], rules = [] } = config.privacy ?? {};
  const everywhere = [...new Set([...redact, ...rules.map(({ name }) => name)])];
  const bySource = new Map<string, readonly string[]>();
  for (const entry of [...config.pull, ...config.push]) {
    const source = `${entry.kind}/${entry.name}`;
    bySource.set(source, [...new Set([...(bySource.get(source) ?? []), ...(entry.redact ?? everywhere)])]);
  }
  return { everywhere, bySource };
}

export interface PrivacyWarning {
  readonly source: string;
  readonly message: string;
  readonly hint: string;
}

/** Entries whose e-mail addresses are redacted everywhere but in the subject, which is one: a subject is what a memory is found by. */
export function privacyWarnings(
  config: Pick<ConnectorsConfig, "privacy" | "pull" | "push">,
  connectors: ReadonlyMap<string, Connector>,
): readonly PrivacyWarning[] {
  const { bySource } = effectiveRules(config);
  const warn = (direction: "pull" | "push", { kind, name, subject }: PullEntry | PushEntry): readonly PrivacyWarning[] => {
    const source = `${kind}/${name}`;
    const isAddress = subject === undefined ? connectors.get(kind)?.[direction]?.subjects === "addresses" : holdsAddress(subject);
    if (!isAddress || bySource.get(source)?.includes("email") !== true) return [];
    return [
      {
        source,
        message: `the subjects of ${source} are e-mail addresses, which are not redacted`,
        hint: "set `subject` to a name",
      },
    ];
  };
  return [...config.pull.flatMap((entry) => warn("pull", entry)), ...config.push.flatMap((entry) => warn("push", entry))];
}

function holdsAddress(subject: string): boolean {
  const at = subject.indexOf("@");
  return at > 0 && subject.indexOf(".", at) > at + 1;
}
