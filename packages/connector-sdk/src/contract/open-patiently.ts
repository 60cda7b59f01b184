import type { AdapterContext } from "./adapter.ts";
import { type ConnectorsError, isConnectorsError } from "./errors.ts";

/** Opens an adapter, again for as long as its server answers that it cannot serve for now and the context wants another try. */
export async function openPatiently<Opened>(
  open: () => Promise<Opened>,
  isPassing: ((error: ConnectorsError) => boolean) | undefined,
  { retryOpening }: Pick<AdapterContext, "retryOpening">,
): Promise<Opened> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isConnectorsError(error) || isPassing?.(error) !== true || (await retryOpening?.(error)) !== true) throw error;
    }
  }
}
