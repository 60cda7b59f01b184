// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { isChatter, saysMuch } from "./is-chatter.ts";
export { type Memories, memories, withMemories } from "./memories.ts";
export { renewedMemory } from "./renewed-memory.ts";
export { sharedMemory } from "./shared-memory.ts";
