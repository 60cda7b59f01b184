import type { ConfigSchema } from "./config-schema.ts";
import { ConnectorsError } from "./errors.ts";

/** What {@link parseItem} names in its error. */
export interface ItemDescription {
  /** The connector's prefix of error codes, e.g. `ZENDESK`. */
  readonly codePrefix: string;
  /** What it should be, e.g. `ticket`. */
  readonly item: string;
}

const longestPath = 100;

/**
 * A raw item or payload as its schema reads it. Call it where an item is mapped, not where a page is read: then one broken item costs
 * nothing but itself.
 *
 * @throws `<PREFIX>_ITEM_UNMAPPABLE` for anything else; it names the place, and never the value.
 */
export function parseItem<Item>(schema: ConfigSchema<Item>, raw: unknown, { codePrefix, item }: ItemDescription): Item {
  const result = schema["~standard"].validate(raw);
  if (result instanceof Promise) throw new TypeError("the schema of an item must be synchronous");
  if (result.issues === undefined) return result.value;
  const keys = (result.issues[0]?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  const where = keys.length === 0 ? "" : ` at ${JSON.stringify(keys.join(".").slice(0, longestPath).toWellFormed())}`;
  throw new ConnectorsError({
    code: `${codePrefix}_ITEM_UNMAPPABLE`,
    message: `a ${item} has another form than expected${where}`,
    hint: "retry the dead letter after an update of the connector, or discard it",
  });
}
