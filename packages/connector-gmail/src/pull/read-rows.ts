import { type FailedItem, type Page, parseItem } from "@statewave-connectors/connector-sdk";
import type { GenericSchema } from "valibot";
import { gmail } from "../gmail.ts";

/** The rows of a list, and those of another form as failed items. */
export function readRows<Row>(
  schema: GenericSchema<unknown, Row>,
  found: readonly unknown[],
  item: string,
): { readonly items: readonly Row[]; readonly malformed: readonly FailedItem[] } {
  const items: Row[] = [];
  const malformed: FailedItem[] = [];
  for (const raw of found) {
    try {
      items.push(parseItem(schema, raw, { ...gmail, item }));
    } catch (error) {
      malformed.push({ id: "", error, raw: { row: raw } });
    }
  }
  return { items, malformed };
}

/** A page with further failures, if there are any. */
export function withFailures(page: Page, more: readonly FailedItem[]): Page {
  return more.length === 0 ? page : { ...page, failures: [...(page.failures ?? []), ...more] };
}
