import { hostname, userInfo } from "node:os";

/** Who acts, as the acting program reports it. */
export interface Actor {
  /** The user of the operating system: `ana@build-7`. */
  readonly user: string;
  /** The person, where several share that user: `--as`. */
  readonly as?: string;
}

const mostCharacters = 100;

/** The user that this process runs as. */
export function actorOfProcess(as?: string): Actor {
  const user = `${userName()}@${hostname()}`.slice(0, mostCharacters);
  return as === undefined ? { user } : { user, as: as.slice(0, mostCharacters) };
}

/** `ana@build-7`, or `Ana (deploy@build-7)`. */
export function formatActor({ user, as }: Actor): string {
  return as === undefined ? user : `${as} (${user})`;
}

/** A container may run as a number without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
