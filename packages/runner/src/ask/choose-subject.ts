import type { ConnectorsConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Named at most in a hint. */
const mostNamed = 8;

/** The subjects that the entries name themselves; undefined when an entry leaves its subjects to its connector. */
export function configuredSubjects({ pull, push }: Pick<ConnectorsConfig, "pull" | "push">): readonly string[] | undefined {
  const subjects = [...pull, ...push].map(({ subject }) => subject);
  const named = subjects.filter((subject) => subject !== undefined);
  return named.length === subjects.length && named.length > 0 ? [...new Set(named)] : undefined;
}

/**
 * The subject that is meant when none is named: the only one that the file has, or the only one that the server has. Throws
 * `RUNNER_SUBJECT_NEEDED` with the names that are known.
 */
export function chooseSubject(configured: readonly string[] | undefined, stored: readonly string[] | undefined): string {
  const [only, another] = configured ?? stored ?? [];
  if (only !== undefined && another === undefined) return only;
  const known = stored ?? configured ?? [];
  throw new ConnectorsError({
    code: "RUNNER_SUBJECT_NEEDED",
    message: known.length === 0 ? "no subject is named" : `no subject is named, and there are ${known.length}`,
    hint: `name one before the question${known.length === 0 ? ", such as repo:acme/widgets" : `: ${listed(known)}`}`,
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? `${shown}, …` : shown;
}
