import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { parsePage, type Touch } from "./touch.ts";

/** So many pages are remembered. There are more only while a server compiles nothing. */
const mostRemembered = 128;

/** Reads pages at each look, and parses those that changed since the look before. */
export class PageReader {
  #parsed: ReadonlyMap<string, { readonly version: number; readonly touches: readonly Touch[] }> = new Map();

  /** The touches of all pages. */
  read(pages: readonly StoreRecord[]): readonly Touch[] {
    const parsed = new Map(
      pages.map(({ key, version, value }) => {
        const known = this.#parsed.get(key);
        return [key, known?.version === version ? known : { version, touches: parsePage(value) }];
      }),
    );
    this.#parsed = parsed.size <= mostRemembered ? parsed : new Map();
    return [...parsed.values()].flatMap(({ touches }) => touches);
  }
}
