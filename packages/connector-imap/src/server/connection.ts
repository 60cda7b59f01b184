import type { Clock } from "@statewave-connectors/connector-sdk";
import { ImapFlow, type ImapFlowOptions } from "imapflow";
import { badAnswer, type ErrorPlace, ImapError, throttled, toImapError, tooSlow } from "../errors.ts";
import type { Account } from "./account.ts";
import type { Credentials } from "./sign-in.ts";

/** No answer takes longer: each is for a bounded number of mails or UIDs. */
const commandLimitMs = 60_000;
/** A server that is gone does not hold up the end of a run. */
const farewellLimitMs = 2_000;

/** What a connection is opened with besides its account. */
export interface ConnectionContext {
  readonly clock: Clock;
  /** Closes the connection when it aborts. */
  readonly signal: AbortSignal;
}

/** A folder as EXAMINE shows it. */
export interface ExaminedFolder {
  readonly path: string;
  /** UIDVALIDITY: with another one, all UIDs are others. */
  readonly validity: string;
  /** UIDNEXT: every mail has a lower UID. Undefined: the server does not say. */
  readonly next: number | undefined;
  readonly exists: number;
}

/** A connection that is signed in, and closed by its owner. Its methods throw an `ImapError` or the reason of the abort. */
export class Connection {
  readonly #account: Account;
  readonly #context: ConnectionContext;
  readonly #client: ImapFlow;
  #onThrottled: ((waitMs: number) => void) | undefined;
  #examined: ExaminedFolder | undefined;

  private constructor(account: Account, context: ConnectionContext, options: ImapFlowOptions, auth: Credentials) {
    this.#account = account;
    this.#context = context;
    this.#client = new ImapFlow({ ...options, auth, logger: throttleWatch((waitMs) => this.#onThrottled?.(waitMs)) });
    // Without a listener Node would end the process. The command in flight is rejected all the same.
    this.#client.on("error", () => undefined);
  }

  /** Connects and signs in; once more where the credentials were refused and can be renewed. */
  static async open(account: Account, context: ConnectionContext): Promise<Connection> {
    for (let mayRenew = true; ; mayRenew = false) {
      const auth = await account.signIn.credentials(context.signal);
      const connection = new Connection(account, context, await account.connectionOptions(), auth);
      try {
        await connection.#signIn();
        return connection;
      } catch (error) {
        connection.close();
        const isRefused = error instanceof ImapError && error.situation === "unauthorized";
        if (!isRefused || !account.signIn.refused() || !mayRenew) throw error;
      }
    }
  }

  get isOpen(): boolean {
    return this.#client.usable;
  }

  /** The folder that the commands are about. */
  get examined(): ExaminedFolder | undefined {
    return this.isOpen ? this.#examined : undefined;
  }

  /** Whether the server offers an extension, such as `IDLE`. */
  offers(capability: string): boolean {
    return this.#client.capabilities.has(capability);
  }

  /** How the connection is encrypted, e.g. `TLSv1.3`. */
  get encryption(): string {
    const { tls } = this.#client;
    return typeof tls === "object" ? tls.version : "no TLS";
  }

  /**
   * Runs a command that takes a server no time, or what belongs together, within a minute. Without an answer by then the connection was
   * dropped silently.
   */
  run<Result>(about: string, act: (client: ImapFlow) => Promise<Result>): Promise<Result> {
    return this.#within({ limitMs: commandLimitMs, isLost: true }, about, act);
  }

  /** Runs a command that takes the longer the more mails it is about, within a minute. */
  runForMails<Result>(about: string, act: (client: ImapFlow) => Promise<Result>): Promise<Result> {
    return this.#within({ limitMs: commandLimitMs }, about, act);
  }

  /** Opens a folder read-only, so that nothing is marked as seen. */
  async examine(path: string): Promise<ExaminedFolder> {
    const about = `EXAMINE (${path})`;
    this.#examined = undefined;
    const { uidValidity, uidNext, exists } = await this.run(about, (client) => client.mailboxOpen(path, { readOnly: true }));
    if (uidValidity === undefined)
      throw badAnswer(this.#place(about), "without a UIDVALIDITY, so that its mails have no lasting UIDs");
    this.#examined = { path, validity: String(uidValidity), next: uidNext > 0 ? uidNext : undefined, exists: exists ?? 0 };
    return this.#examined;
  }

  /** Lets the server report changes of the open folder at once, until the next command. */
  idle(): void {
    this.#client.idle().catch(() => undefined);
  }

  /** Throws where the server does not answer. */
  async noop(limitMs = commandLimitMs): Promise<void> {
    await this.#within({ limitMs, isLost: true }, "NOOP", (client) => client.noop());
    if (!this.isOpen) throw badAnswer(this.#place("NOOP"), "by closing the connection");
  }

  /** Calls `listener` when a mail came to the open folder. */
  onArrival(listener: () => void): void {
    this.#client.on("exists", listener);
  }

  /** Calls `listener` when a mail left the open folder. */
  onExpunge(listener: () => void): void {
    this.#client.on("expunge", listener);
  }

  /** Calls `listener` when the connection is closed. Returns what takes that back. */
  onClose(listener: () => void): () => void {
    this.#client.once("close", listener);
    return () => void this.#client.off("close", listener);
  }

  /** The error of a command that the server did not carry out. */
  refused(about: string): ImapError {
    return toImapError(Object.assign(new Error("no reason given"), { responseStatus: "NO" }), this.#place(about));
  }

  /** What a server does wrong, as an error about this entry. */
  badAnswer(about: string, what: string): ImapError {
    return badAnswer(this.#place(about), what);
  }

  /** Takes leave of the server, where it still answers. */
  async leave(): Promise<void> {
    if (this.isOpen)
      await this.#within({ limitMs: farewellLimitMs }, "LOGOUT", (client) => client.logout()).catch(() => undefined);
    this.close();
  }

  close(): void {
    this.#client.close();
  }

  async #signIn(): Promise<void> {
    try {
      await this.#within({ limitMs: commandLimitMs }, "signing in", (client) => client.connect());
    } catch (error) {
      throw error instanceof ImapError ? error.asOfServer() : error;
    }
  }

  async #within<Result>(
    { limitMs, isLost }: { readonly limitMs: number; readonly isLost?: boolean },
    about: string,
    act: (client: ImapFlow) => Promise<Result>,
  ): Promise<Result> {
    const { clock, signal } = this.#context;
    signal.throwIfAborted();
    const ended = Promise.withResolvers<never>();
    const end = (reason: unknown) => {
      ended.reject(reason);
      this.close();
    };
    const onAbort = () => end(signal.reason);
    const cancel = clock.after(limitMs, () => end(tooSlow(this.#place(about), limitMs, isLost)));
    this.#onThrottled = (waitMs) => end(throttled(this.#place(about), waitMs));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([act(this.#client), ended.promise]);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ImapError ? error : toImapError(error, this.#place(about));
    } finally {
      cancel();
      this.#onThrottled = undefined;
      signal.removeEventListener("abort", onAbort);
    }
  }

  #place(about: string): ErrorPlace {
    const { server, entry, signIn } = this.#account;
    return { server, entry, about, signInHint: signIn.hint, nowMs: this.#context.clock.now() };
  }
}

const ignore = () => undefined;

/** imapflow waits out a throttling for minutes. It logs that first, and nothing else of its log is read: it quotes mails. */
function throttleWatch(onThrottled: (waitMs: number) => void) {
  return {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn(entry: unknown) {
      const delay: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "throttleDelay") : undefined;
      if (typeof delay === "number") onThrottled(delay);
    },
    isLevelEnabled: (level: string) => level === "warn",
  };
}
