/** A release of the server. Others lie between these and differ from them in nothing that a client of the ingest sees. */
export type Release = "0.7.1" | "1.0.0" | "1.4.0";

/** What a release has of which an older one knows nothing. */
export interface ReleaseTraits {
  /** `GET /v1/version`. */
  readonly hasVersionRoute: boolean;
  /** Characters of `subject_id` and `session_id`. */
  readonly limitsCharacters: boolean;
  /** The field `occurred_at`. Without it a time is dropped, and the row has that of its ingest. */
  readonly keepsTimes: boolean;
  /** The field `idempotency_key`, and its fallback in `metadata`. Without it a repeat is a row of its own. */
  readonly recognisesKeys: boolean;
  /** `has_more` in the answer of a compile. */
  readonly reportsMore: boolean;
  /** A job compiles everything that its subject has, instead of one batch. */
  readonly drainsJobs: boolean;
}

const oldCompile = { reportsMore: false, drainsJobs: false };
const newCompile = { reportsMore: true, drainsJobs: true };

const traits: Readonly<Record<Release, ReleaseTraits>> = {
  "0.7.1": { hasVersionRoute: false, limitsCharacters: false, keepsTimes: false, recognisesKeys: false, ...oldCompile },
  "1.0.0": { hasVersionRoute: true, limitsCharacters: true, keepsTimes: true, recognisesKeys: false, ...newCompile },
  "1.4.0": { hasVersionRoute: true, limitsCharacters: true, keepsTimes: true, recognisesKeys: true, ...newCompile },
};

/** What this release has. */
export function traitsOf(release: Release): ReleaseTraits {
  return traits[release];
}

export const newestRelease: Release = "1.4.0";
