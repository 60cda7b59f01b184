export type { CompiledSubject } from "./compile-desk.ts";
export type { Keep, StoredEpisode } from "./episode-table.ts";
export type { Fault } from "./faults.ts";
export type { Release } from "./release.ts";
export type { FakeStatewaveStats } from "./request-counts.ts";
export {
  type FakeCompileOptions,
  type FakeStatewave,
  type FakeStatewaveOptions,
  startFakeStatewave,
} from "./start-fake-statewave.ts";
