import type { EntryCheck } from "../control/check-entries.ts";
import type { Diagnosis, Finding } from "./finding.ts";

/** A diagnosis; or what the connector of an entry found, and what else was found of that entry. */
export type ReportedDiagnosis =
  | { readonly diagnosis: Diagnosis }
  | { readonly check: EntryCheck; readonly further: readonly Finding[] };
