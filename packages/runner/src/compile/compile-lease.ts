import { acquireRecordLease, type HeldRecordLease, type RecordLeaseOptions } from "../records/record-lease.ts";
import { type CompileRecords, compileLeaseLost, leaseKey } from "./compile-records.ts";

export interface CompileLeaseOptions extends Omit<RecordLeaseOptions, "record" | "work" | "lost"> {
  readonly records: CompileRecords;
}

/** The right to compile, while this process has it. */
export type HeldCompileLease = HeldRecordLease;

/** Waits until this process may compile, which one process may at a time. Rejects with the signal's reason, and with what the store throws. */
export function acquireCompileLease(
  { records, ...options }: CompileLeaseOptions,
  signal: AbortSignal,
): Promise<HeldCompileLease> {
  const record = {
    get: () => records.get(leaseKey),
    write: (value: string | undefined, expectedVersion: number, ttlMs?: number) =>
      records.write(leaseKey, value, expectedVersion, ttlMs),
  };
  return acquireRecordLease({ ...options, record, work: "compiling", lost: compileLeaseLost }, signal);
}
