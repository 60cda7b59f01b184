import type { Secret } from "../secrets/secret.ts";

/** Where the token of a request comes from. */
export interface TokenSource {
  /** The token to send now; requests one from the provider when none is valid. Throws a `ConnectorsError`, or the reason of the signal. */
  token(signal: AbortSignal): Promise<Secret>;
  /** The provider refused this token: the next `token()` requests another. Has no effect on a newer token. */
  forget(refused: Secret): void;
}
