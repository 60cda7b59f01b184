/** The system's code of an error, e.g. `ENOSPC`; the error as text where it has none. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
