import type { PushReceiver } from "../contract/receiver.ts";
import { isFormType, maxFormBytes } from "./form-payload.ts";

/**
 * How many bytes of a body are read at most. `maxBodyBytes` counts the payload: in a form the same payload needs up to three times as many
 * bytes on the wire.
 */
export function wireLimitBytes(
  { form }: Pick<PushReceiver, "form">,
  maxBodyBytes: number,
  contentType: string | undefined,
): number {
  return form !== undefined && isFormType(contentType) ? maxFormBytes(form.field, maxBodyBytes) : maxBodyBytes;
}
