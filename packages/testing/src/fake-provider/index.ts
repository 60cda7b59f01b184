export type { ProviderFault } from "./faults.ts";
export type { ProviderLimit } from "./rate-limit.ts";
export {
  integer,
  type ProviderAnswer,
  type ProviderParameter,
  type ProviderRequest,
  type ProviderRoute,
  type ProviderRoutes,
  text,
} from "./routes.ts";
export { runAsProcess } from "./run-as-process.ts";
export { serveFakeProvider } from "./serve-fake-provider.ts";
export {
  type FakeProvider,
  fakeProvider,
  type FakeProviderOptions,
  type FakeProviderStats,
  type ProviderLogEntry,
} from "./start-fake-provider.ts";
