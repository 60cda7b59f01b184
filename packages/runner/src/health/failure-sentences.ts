import { describeError, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";

export interface FailingPart {
  /** In a sentence: `the cursor store`. */
  readonly what: string;
  /** Whether it was passed to `createRunner`. */
  readonly injected: boolean;
  readonly logger: Logger;
  readonly clean: (text: string) => string;
}

/**
 * Turns what a part throws into the sentence that `/readyz` shows. Our own errors are written for people; anything else, and any error of
 * an embedder's part, may hold secrets, so it goes to the log only. The same failure is logged once.
 */
export function failureSentences({ what, injected, logger, clean }: FailingPart): (error: unknown) => string {
  let lastLogged: string | undefined;
  return (error) => {
    const described = describeError(error);
    if (isConnectorsError(error) && !injected) return clean(described);
    if (described !== lastLogged) logger.error("a part of the runner failed", { part: what, error });
    lastLogged = described;
    return `${what} failed; the log has the error`;
  };
}
