import { describeError } from "@statewave-connectors/connector-sdk";
import type { TrialPlace } from "./trial-place.ts";

/** Empties the place of a trial. Never rejects: what the trial found is worth more than an empty place. */
export async function clearPlace(place: Pick<TrialPlace, "name" | "clear">, onProgress: (text: string) => void): Promise<void> {
  try {
    await place.clear();
  } catch (error) {
    onProgress(`${place.name} was not emptied: ${describeError(error)}`);
  }
}
