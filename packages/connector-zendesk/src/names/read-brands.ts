import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { idField, stringField, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { zendesk } from "../client.ts";
import { behindPage, CursorMeta } from "./cursor-meta.ts";

const BrandsPage = v.looseObject({
  brands: v.array(v.unknown()),
  ...CursorMeta.entries,
});

/** The names of all brands by id. Zendesk gives 100 at once, and a large account has some hundred. */
export async function readBrands(client: ProviderClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const pages = cursorPages({
    ...zendesk,
    list: "brands",
    signal,
    async fetchPage(after, size) {
      const query = { "page[size]": size, "page[after]": after };
      const { body } = await client.get("brands.json", { query, signal, schema: BrandsPage, about: "the brands" });
      return { items: toFieldsList(body.brands), ...behindPage(body) };
    },
  });
  for await (const { items } of pages) {
    for (const row of items) names.set(idField(row, "id") ?? "", stringField(row, "name") ?? "");
  }
  return names;
}
