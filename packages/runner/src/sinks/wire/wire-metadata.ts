import { cleanJsonObject } from "./clean-json.ts";

const maxMetadataBytes = 32 * 1024;
/** What was made clean before it was redacted. */
const clean = new WeakSet<object>();

/** Metadata is only carried along, so an episode never fails for it: what cannot be carried is left out, and says so. */
export function toWireMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  if (metadata === undefined || metadata === null) return {};
  if (typeof metadata !== "object" || Array.isArray(metadata)) return { metadata_dropped: "not an object" };
  if (clean.has(metadata)) return metadata as Readonly<Record<string, unknown>>;
  return cleanJsonObject(metadata, maxMetadataBytes) ?? { metadata_dropped: `over ${maxMetadataBytes} bytes, or not JSON` };
}

/** Metadata as the wire carries it, with `map` applied to it; it is not cleaned again. */
export function mapWireMetadata(
  metadata: unknown,
  map: (metadata: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const mapped = map(toWireMetadata(metadata));
  clean.add(mapped);
  return mapped;
}
