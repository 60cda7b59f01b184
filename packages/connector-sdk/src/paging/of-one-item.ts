import { isConnectorsError } from "../contract/errors.ts";
import { isOverloaded } from "./smaller-pages.ts";

const situations: ReadonlySet<unknown> = new Set(["forbidden", "blocked", "refused", "bad_answer"]);

/**
 * Whether an error of a request for one item may be due to that item, so that others are requested before the provider is at fault: for
 * `isOverloaded` of `requestInBatches`. Not where the credentials or a limit are the reason.
 */
export function mayBeOfOneItem(error: unknown): boolean {
  if (isOverloaded(error)) return true;
  return isConnectorsError(error) && error.retryAtMs === undefined && situations.has(Reflect.get(error, "situation"));
}
