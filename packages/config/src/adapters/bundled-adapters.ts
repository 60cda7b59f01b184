import type { AdapterExports } from "./given-adapters.ts";

/** The kind of a state that names none. */
export const defaultKind = "memory";

type Loaders = { readonly [Role in keyof AdapterExports]: ReadonlyMap<string, () => Promise<AdapterExports[Role]>> };

/** Adapters that are dependencies of this package: a file without a state needs nothing installed, and a bundle contains them. */
export const bundledAdapters: Loaders = {
  connector: new Map(),
  "cursor-store": new Map([
    [defaultKind, async () => (await import("@statewave-connectors/cursor-store-memory")).openCursorStore],
  ]),
  inbox: new Map([[defaultKind, async () => (await import("@statewave-connectors/inbox-memory")).openInbox]]),
};
