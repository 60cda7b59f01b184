/** How the packages that a configuration names are found and loaded. */
export { adapterMaps, type AdapterRole, type ConnectorsInput, type GivenAdapters, toConnectorMap } from "./given-adapters.ts";
export { type KnownAdapters, knownAdapters, type KnownAdaptersOptions, type KnownConnector } from "./known-adapters.ts";
export { type AdapterRequest, loadAdapter } from "./load-adapter.ts";
export { loadConnectors, type LoadConnectorsOptions, searchPlaces } from "./load-connectors.ts";
export { loadOptionalPackage } from "./load-optional-package.ts";
