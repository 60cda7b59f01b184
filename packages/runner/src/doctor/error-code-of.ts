/** The system's word for what went wrong, e.g. ENOSPC. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
