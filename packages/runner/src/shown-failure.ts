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
 * Makes of what a part throws the sentence that `/readyz` shows. Our own errors are written for people; anything else, and whatever an
 * embedder's part throws, may hold anything, so that only the log has it. Each kind of failure is logged once.
 */
export function failureSentences({ what, injected, logger, clean }: FailingPart): (error: unknown) => string {
  let lastLogged: string | undefined;
  return (error) => {
    const described = describeError(error);
    if (isConnectorsError(error) && !injected) return clean(described);
    if (described !== lastLogged) logger.error(`${what} failed`, { error });
    lastLogged = described;
    return `${what} failed; the log has the error`;
  };
}
