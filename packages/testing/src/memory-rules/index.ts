// What Statewave does with episodes until they are an answer. Where each rule is from stands in bench/memory/README.md: "sheet" is the report
// on a running server, "read" its public source.
export { assembleContext, type Context, type ContextQuestion, renderContext, type SubjectMemory } from "./assemble-context.ts";
export { bagOfWords, type Nearness } from "./bag-of-words.ts";
export { newestEpisodes } from "./candidates.ts";
export { type CompileCall, compileEpisodes } from "./compile.ts";
export { type HeldEpisode, type Memory, type MemoryKind, textOf } from "./held-episode.ts";
export type { RankedLine } from "./rank.ts";
export { renderMemory } from "./render.ts";
export { superseded } from "./supersede.ts";
