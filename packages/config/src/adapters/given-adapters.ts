import { type Connector, ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import type { OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { connectorFault, openerFault, requireContract } from "./adapter-fault.ts";

/** Connectors as a list, or by kind. */
export type ConnectorsInput = readonly Connector[] | ReadonlyMap<string, Connector> | Readonly<Record<string, Connector>>;

/** Adapters that a program passes as objects, as a bundled one must. All others are found by their package names. */
export interface GivenAdapters {
  readonly connectors?: ConnectorsInput | undefined;
  /** `openCursorStore` of the store packages, by kind. */
  readonly cursorStores?: Readonly<Record<string, OpenCursorStore>> | undefined;
  /** `openInbox` of the inbox packages, by kind. */
  readonly inboxes?: Readonly<Record<string, OpenInbox>> | undefined;
}

/** What a package of each role exports. */
export interface AdapterExports {
  readonly connector: Connector;
  readonly "cursor-store": OpenCursorStore;
  readonly inbox: OpenInbox;
}

/** What a package is to the program. */
export type AdapterRole = keyof AdapterExports;

/** Adapters by role and kind. */
export type AdapterMaps = { readonly [Role in keyof AdapterExports]: ReadonlyMap<string, AdapterExports[Role]> };

/** Throws `CONFIG_ADAPTER_INVALID` for an object that is no adapter. */
export function adapterMaps({ connectors = [], cursorStores = {}, inboxes = {} }: GivenAdapters): AdapterMaps {
  return {
    connector: toConnectorMap(connectors),
    "cursor-store": toOpenerMap(cursorStores, "cursorStores", "openCursorStore"),
    inbox: toOpenerMap(inboxes, "inboxes", "openInbox"),
  };
}

/** The stores among given adapters, which the runner opens. */
export function givenStores({ cursorStores, inboxes }: GivenAdapters): Pick<GivenAdapters, "cursorStores" | "inboxes"> {
  return { ...(cursorStores !== undefined && { cursorStores }), ...(inboxes !== undefined && { inboxes }) };
}

/**
 * Connectors by kind. Throws `CONFIG_ADAPTER_INVALID` for an object that is no connector, or that is listed under another kind, and
 * `CONFIG_CONTRACT_UNSUPPORTED` for a connector made for another contract.
 */
export function toConnectorMap(connectors: ConnectorsInput): ReadonlyMap<string, Connector> {
  const map = new Map<string, Connector>();
  for (const [key, connector] of entriesOf(connectors)) {
    requireContract(connector);
    const { kind } = (connector ?? {}) as Partial<Connector>;
    const expected = typeof key === "number" ? String(kind) : key;
    const place = typeof key === "number" ? `connectors[${key}]` : `connectors.${key}`;
    const isNameless = typeof connector === "object" && connector !== null && kind === undefined;
    const fault = isNameless ? "has no kind" : connectorFault(connector, expected);
    if (fault !== undefined) throw invalid(`${place} ${fault}`, "pass what a connector package exports as `connector`");
    if (map.has(expected))
      throw invalid(`${place} is a second connector of kind "${expected}"`, "pass one connector of each kind");
    map.set(expected, connector);
  }
  return map;
}

function entriesOf(connectors: ConnectorsInput): readonly (readonly [string | number, Connector])[] {
  if (Array.isArray(connectors)) return (connectors as readonly Connector[]).map((connector, index) => [index, connector]);
  if (connectors instanceof Map) return [...(connectors as ReadonlyMap<string, Connector>)];
  if (typeof connectors === "object" && connectors !== null) return Object.entries(connectors);
  throw invalid("connectors is neither a list nor connectors by kind", "write connectors: [connector]");
}

function toOpenerMap<Open>(openers: Readonly<Record<string, Open>>, option: string, exported: string): ReadonlyMap<string, Open> {
  for (const [kind, open] of Object.entries(openers)) {
    const fault = openerFault(open);
    if (fault !== undefined) throw invalid(`${option}.${kind} ${fault}`, `pass what the package exports as \`${exported}\``);
  }
  return new Map(Object.entries(openers));
}

function invalid(message: string, hint: string): ConnectorsError {
  return new ConnectorsError({ code: "CONFIG_ADAPTER_INVALID", message, hint });
}
