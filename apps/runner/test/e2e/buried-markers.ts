import { markersOf } from "./ledger.ts";
import type { Workspace } from "./workspace.ts";

/** The markers in the dead-letter list, one for each letter, as the command line shows them. */
export async function buriedMarkers(workspace: Workspace): Promise<readonly string[]> {
  const letters = await workspace.jsonLines("dead-letters", "list", "--json");
  const markers: string[] = [];
  // One after the other: without a running process each command opens the inbox for itself.
  for (const { key } of letters) {
    const { stdout } = await workspace.command("dead-letters", "show", String(key));
    markers.push(...markersOf(JSON.parse(stdout)));
  }
  return markers;
}
