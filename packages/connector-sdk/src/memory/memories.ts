import * as v from "valibot";
import type { Episode } from "../contract/episode.ts";

const modes = ["lean", "each"] as const;

/** How an entry's episodes become memories. */
export type Memories = (typeof modes)[number];

/** The option `memories`. `shared`: what shares one memory, in the words of the README. */
export function memories({ shared }: { readonly shared: string }) {
  return v.optional(
    v.pipe(
      v.picklist(modes, 'must be "lean" or "each"'),
      v.description(
        `What Statewave remembers; everything is delivered in any case. \`"lean"\`: ${shared}. \`"each"\`: every episode has a memory of its own, as Statewave's compiler makes it.`,
      ),
    ),
    "lean",
  );
}

/** The episodes with the candidates that the option allows. */
export function withMemories(episodes: readonly Episode[], mode: Memories): readonly Episode[] {
  if (mode === "lean") return episodes;
  return episodes.map((episode) => {
    const { candidates: _, ...plain } = episode;
    return plain;
  });
}
