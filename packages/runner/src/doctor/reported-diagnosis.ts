import type { EntryCheck } from "../checks/check-entries.ts";
import type { Diagnosis, Finding } from "../checks/finding.ts";

/** A diagnosis; or what the connector of an entry found, and what else was found of that entry. */
export type ReportedDiagnosis =
  | { readonly diagnosis: Diagnosis }
  | { readonly check: EntryCheck; readonly further: readonly Finding[] };
