import type { Logger } from "@statewave-connectors/connector-sdk";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { PostgresSession } from "./postgres.ts";
import type { PostgresArea } from "./postgres-error.ts";

export interface DurabilityReport {
  /** In a few words, for the start-up lines. */
  readonly durability: string;
}

const settings = {
  fsync: "a power loss of the server can destroy the whole database",
  full_page_writes: "a power loss of the server can destroy what it was writing",
  synchronous_commit: "a crash of the server loses the last moments of what it had committed",
} as const;

/**
 * What a commit on this server survives, from its own settings. One that is off is warned about, or refused with `…_NOT_DURABLE` when
 * durability is required.
 */
export async function readDurability(
  session: PostgresSession,
  { area, required, logger }: { readonly area: PostgresArea; readonly required: boolean; readonly logger: Logger },
): Promise<DurabilityReport> {
  const names = Object.keys(settings) as (keyof typeof settings)[];
  const [row] = await session.query(`SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}`);
  const off = names.filter((name) => row?.[name] === "off");
  if (off.length === 0) return { durability: "committed in Postgres" };
  const list = off.map((name) => `${name} = off`).join(", ");
  if (required) {
    throw new ConnectorsError({
      code: `${area}_NOT_DURABLE`,
      message: `require_durable is set, and the Postgres server has ${list}`,
      hint: `switch ${off.join(" and ")} on, or do without require_durable`,
    });
  }
  for (const name of off)
    logger.warn("a setting of Postgres makes stored data less durable", { reason: `${name} = off: ${settings[name]}` });
  return { durability: `committed in Postgres, which has ${list}` };
}
