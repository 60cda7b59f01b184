import { cleanJsonObject } from "./clean-json.ts";

const maxMetadataBytes = 32 * 1024;

/** Metadata is only carried along, so an episode never fails for it: what cannot be carried is left out, and says so. */
export function toWireMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  if (metadata === undefined || metadata === null) return {};
  if (typeof metadata !== "object" || Array.isArray(metadata)) return { metadata_dropped: "not an object" };
  return cleanJsonObject(metadata, maxMetadataBytes) ?? { metadata_dropped: `over ${maxMetadataBytes} bytes, or not JSON` };
}
