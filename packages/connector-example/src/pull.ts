import { type ConnectorContext, mapItems, type Page, type PullSource } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { openClient } from "./client.ts";
import { cursorText } from "./cursor.ts";
import { Seq } from "./note.ts";
import type { ExamplePullOptions } from "./pull-options.ts";
import { service } from "./service.ts";
import { toEpisodes } from "./to-episode.ts";

/** What paging needs of an answer. Each change is read when it is mapped, so that a broken one does not cost its page. */
const ChangesPage = v.object({ changes: v.array(v.looseObject({ seq: Seq })), more: v.boolean() });

/** Opens a `[[pull.example]]` entry. */
export function openPull(options: ExamplePullOptions, context: ConnectorContext): PullSource {
  const client = openClient(options, context);
  return {
    pages: (cursor, signal) => pages(client, cursorText.parse(cursor, context)?.after ?? 0, signal),
    map: toEpisodes,
    async check(signal) {
      await changesBehind(client, "0", 1, signal);
      return [{ ok: true, message: `${options.base_url} lists the changes to this token` }];
    },
  };
}

/** One page of changes, oldest first. */
async function changesBehind(client: ProviderClient, after: string, limit: number, signal: AbortSignal) {
  const { body } = await client.get("changes", { query: { after, limit }, schema: ChangesPage, about: "the changes", signal });
  return { items: body.changes, next: String(body.changes.at(-1)?.seq ?? after), hasMore: body.more };
}

async function* pages(client: ProviderClient, after: number, signal: AbortSignal): AsyncGenerator<Page> {
  const fetchPage = (from = "0", size = 1) => changesBehind(client, from, size, signal);
  for await (const { items, next } of cursorPages({ ...service, list: "changes", from: String(after), signal, fetchPage })) {
    const cursor = cursorText.format({ v: 1, after: Number(next) });
    yield { ...mapItems(items, { id: ({ seq }) => String(seq), map: toEpisodes }), cursor };
  }
}
