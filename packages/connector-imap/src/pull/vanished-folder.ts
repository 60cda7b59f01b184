import type { Clock } from "@statewave-connectors/connector-sdk";
import type { PartPage } from "@statewave-connectors/connector-sdk/paging";
import type { ListedFolder } from "../server/session.ts";
import type { FolderState } from "./cursor.ts";
import { deletionEpisode, type DeletionWatch, inPages } from "./deletions.ts";

/** The folders that were read and that the server does not list any more, where mails of them are watched. */
export function vanishedFolders(
  states: Readonly<Record<string, FolderState>>,
  listed: readonly ListedFolder[],
): readonly string[] {
  const paths = new Set(listed.map(({ path }) => path));
  return Object.entries(states)
    .filter(([path, { known = [], gone = [] }]) => !paths.has(path) && known.length + gone.length > 0)
    .map(([path]) => path);
}

/**
 * Reports the mails of a folder that is gone. A folder that was renamed is read under its new name in the run that misses it, so this waits for
 * the next run, once every other folder was read.
 */
export async function* vanishedFolderPages(
  path: string,
  state: FolderState | undefined,
  deletions: DeletionWatch | undefined,
  clock: Clock,
): AsyncGenerator<PartPage<FolderState>, void, undefined> {
  if (state === undefined || deletions === undefined) return;
  const missing: FolderState = { ...state, missing: true };
  if (state.missing !== true) {
    yield { episodes: [], state: missing, isQuiet: true };
    return;
  }
  if (!deletions.isDue(state)) return;
  const folder = { path, validity: state.validity };
  for (const { reported, left } of inPages(deletions.lostWith([...(state.gone ?? []), ...(state.known ?? [])]))) {
    const episodes = reported.map((mail) => deletionEpisode(folder, mail, clock.now()));
    yield { episodes, state: { ...missing, known: [...left], gone: [] } };
  }
  yield { episodes: [], state: { ...missing, known: [], gone: [] }, isQuiet: true };
}
