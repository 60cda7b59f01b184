import type { ConnectorContext } from "../contract/connector.ts";
import { ConnectorsError } from "../contract/errors.ts";
import { rememberSecret } from "../secrets/known-secrets.ts";
import { currentChain, formatChain, newerVersion, parseChain, type TokenChain, usableMs } from "./token-chain.ts";

export interface TokenChainStoreOptions extends Pick<ConnectorContext, "clock" | "logger" | "storage"> {
  readonly key: string;
  /** The refresh token in the options of the entry. */
  readonly configured: string;
}

/** A chain, and the version that its next write has to expect. */
export interface StoredChain {
  readonly chain: TokenChain;
  readonly version: number | undefined;
}

/** A chain that follows the refresh token `used`. */
interface NextChain {
  readonly chain: TokenChain;
  readonly used: string;
}

const saveAgainMs = 10_000;

/** The token chain of one entry in its storage. A chain that cannot be stored now is kept and stored later: its predecessor is used up. */
export class TokenChainStore {
  readonly #options: TokenChainStoreOptions;
  #unsaved: NextChain | undefined;

  constructor(options: TokenChainStoreOptions) {
    this.#options = options;
  }

  async read(): Promise<StoredChain> {
    const unsaved = this.#unsaved;
    try {
      if (unsaved !== undefined) await this.#save(unsaved);
      return await this.#get();
    } catch (error) {
      // While the store does not answer, what it lacks still serves this process.
      if (unsaved === undefined || usableMs(unsaved.chain, this.#options.clock.now()) === undefined) throw error;
      return { chain: unsaved.chain, version: undefined };
    }
  }

  /** Whether no other process has written meanwhile. */
  write(chain: TokenChain, version: number | undefined): Promise<boolean> {
    const { storage, key } = this.#options;
    return storage.compareAndSet(key, formatChain(chain), version);
  }

  /** Stores a chain, unless another process has stored a newer one meanwhile. Never rejects. */
  async save(following: NextChain): Promise<void> {
    this.#unsaved = following;
    try {
      await this.#save(following);
    } catch (error) {
      this.#options.logger.error("a token that replaces the stored one cannot be stored; it is tried again", {
        next_attempt_in_ms: saveAgainMs,
        error,
      });
      this.#saveLater(following);
    }
  }

  #saveLater(following: NextChain): void {
    this.#options.clock.after(saveAgainMs, () => {
      if (this.#unsaved === following) this.#save(following).catch(() => this.#saveLater(following));
    });
  }

  async #save(following: NextChain): Promise<void> {
    for (;;) {
      const { chain, version } = await this.#get();
      const isCurrent = chain.refresh === following.used;
      if (!isCurrent || (await this.write({ ...following.chain, from: chain.from, past: chain.past }, version))) break;
    }
    if (this.#unsaved === following) this.#unsaved = undefined;
  }

  async #get(): Promise<StoredChain> {
    const { storage, key, configured, logger } = this.#options;
    const stored = await storage.get(key);
    const text = stored?.value.reveal();
    const newer = text === undefined ? undefined : newerVersion(text);
    if (newer !== undefined) throw writtenByLaterRelease(key, newer);
    const parsed = text === undefined ? undefined : parseChain(text);
    if (stored !== undefined && parsed === undefined)
      logger.warn("the stored tokens cannot be read: the refresh token of the options is used", { key });
    const chain = currentChain(parsed, configured);
    for (const token of [chain.refresh, chain.access?.token]) if (token !== undefined) rememberSecret(token, { minted: true });
    return { chain, version: stored?.version };
  }
}

/** Replacing it would end the sign-in of the processes that follow it. */
function writtenByLaterRelease(key: string, version: number): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_STORAGE_NEWER",
    message: `the stored tokens ${JSON.stringify(key)} have version ${version}, and this release reads version 1`,
    hint: "update this process to the release that wrote them, or delete them with `statewave-connectors state delete-secrets` and sign in again",
  });
}
