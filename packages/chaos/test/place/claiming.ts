import { parseConfig } from "@statewave-connectors/config";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { choosePlace } from "../../src/place/choose-place.ts";
import type { TrialPlace } from "../../src/place/trial-place.ts";

/** The deployable: where the adapters are installed. */
const resolveFrom = [new URL("../../../../apps/runner/src/main.ts", import.meta.url).href];

/** The place of a trial on a state of this kind. */
export async function placeOn(kind: string, options: Readonly<Record<string, string>> = {}, baseDir = "/"): Promise<TrialPlace> {
  const input = { statewave: { url: "stdout:" }, runner: { state: { kind, ...options } } };
  const { config } = await parseConfig(input, { baseDir, resolveFrom });
  return choosePlace(config);
}

/** What becomes of several claims at the same moment: `claimed`, or the message of the refusal. */
export async function claimAtOnce(place: TrialPlace, times: number): Promise<readonly string[]> {
  const claims = Array.from({ length: times }, async () => {
    try {
      await place.claim();
      return "claimed";
    } catch (error) {
      if (!isConnectorsError(error, "CHAOS_PLACE_USED")) throw error;
      return error.message;
    }
  });
  return (await Promise.all(claims)).toSorted();
}
