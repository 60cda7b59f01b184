import * as v from "valibot";
import type { ConnectorContext, PullSource } from "../contract/connector.ts";
import type { Episode } from "../contract/episode.ts";
import { mapItems } from "../contract/map-items.ts";
import type { Page } from "../contract/page.ts";
import type { FreshAnswer } from "../http/answer.ts";
import type { ProviderClient, RequestOptions } from "../http/provider-client.ts";
import { cursorCodec } from "./cursor-codec.ts";
import { wholeListPages, type WholeListRequest, wholeListState } from "./whole-list-pages.ts";

export interface WholeListSourceOptions<Item> {
  /** The connector's kind. */
  readonly kind: string;
  readonly client: ProviderClient;
  /** Where the list is: a path below the client's `baseUrl`, or a link. */
  readonly target: string;
  /** What the body is. Default `"json"`. */
  readonly as?: RequestOptions["as"];
  /** What the answer should be, for sentences: `an RSS feed`. */
  readonly form: string;
  /** The items of an answer of that form; throws for any other. */
  readonly itemsOf: (body: unknown) => readonly Item[];
  /** What identifies an item within the list. Undefined: its whole content does. */
  readonly idOf: (item: Item) => string | undefined;
  /** The episodes of an item. */
  readonly map: (raw: unknown) => readonly Episode[];
  readonly context: ConnectorContext;
}

/**
 * A pull of a list that the provider gives in one answer, as a feed or a calendar. It yields new items in pages, and costs a 304 while
 * nothing changes, by ETag or time of change. An item that changes under the same id is not new.
 *
 * @throws `<PREFIX>_BAD_ANSWER` for an answer of another form, and what the client throws.
 */
export function wholeListSource<Item>(
  options: WholeListSourceOptions<Item>,
): Required<Pick<PullSource, "pages" | "map" | "check">> {
  const { kind, client, target, as = "json", form, itemsOf, idOf, map, context } = options;
  const codec = cursorCodec({ kind, version: 1, schema: v.strictObject({ v: v.literal(1), list: wholeListState }) });
  const itemsIn = (answer: FreshAnswer) => {
    try {
      return itemsOf(answer.body);
    } catch (error) {
      throw client.badAnswer(answer, `is not ${form}`, error);
    }
  };
  const fetchList = async (request: WholeListRequest) => {
    const answer = await client.get(target, { ...request, as });
    return answer.notModified ? answer : { ...answer, items: itemsIn(answer) };
  };
  return {
    map,
    async check(signal) {
      itemsIn(await client.get(target, { as, signal }));
      return [{ ok: true, message: `the answer is ${form}` }];
    },
    async *pages(stored, signal): AsyncGenerator<Page> {
      const state = codec.parse(stored, context)?.list;
      for await (const { items, state: list } of wholeListPages({ fetchList, idOf, state, signal })) {
        yield { ...mapItems(items, { id: (item) => idOf(item) ?? "", map }), cursor: codec.format({ v: 1, list }) };
      }
    },
  };
}
