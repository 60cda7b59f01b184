import { createHmac } from "node:crypto";
import type { ConsoleHost } from "@statewave-connectors/runner/console";
import type { Clock, Secret } from "@statewave-connectors/connector-sdk";
import { constantTimeEqual } from "@statewave-connectors/connector-sdk/signature";

export interface SessionsOptions extends Pick<ConsoleHost, "checkToken"> {
  /** As it is now. Undefined: no one has to sign in. */
  readonly token: () => Secret | undefined;
  /** Signs forms where there is no token. */
  readonly randomKey: Uint8Array;
  readonly clock: Pick<Clock, "now">;
}

/** Someone who may see the page. */
export interface VisitorSession {
  /** For the audit log. */
  readonly visitor: string;
  /** What its forms have to send back. */
  readonly formToken: string;
  /** Whether it can be ended. */
  readonly isSignedIn: boolean;
}

const lifetimeMs = 12 * 60 * 60_000;
const mostVisitorCharacters = 60;

/**
 * Who has signed in, without a memory: a cookie is signed with a key derived from the token. It outlives a restart, holds in every process
 * with this token, and ends when the token changes.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #clock: Pick<Clock, "now">;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  get #token(): Secret | undefined {
    return this.#options.token();
  }

  get #key(): Buffer {
    const secret = this.#token?.reveal() ?? this.#options.randomKey;
    return createHmac("sha256", secret).update("statewave-connectors console 1").digest();
  }

  /** Whether one has to sign in. */
  get isRequired(): boolean {
    return this.#token !== undefined;
  }

  /** A `set-cookie` header for a visitor who knows the token. */
  signIn(visitor: string, isSecure: boolean): string {
    const expiresAtMs = this.#clock.now() + lifetimeMs;
    const name = Buffer.from(visitor.trim().slice(0, mostVisitorCharacters)).toString("base64url");
    const payload = `${expiresAtMs}.${name}`;
    return this.#cookie(`${payload}.${this.#sign(`session ${payload}`)}`, lifetimeMs / 1000, isSecure);
  }

  /** A `set-cookie` header that makes the browser forget. */
  signOut(): string {
    return this.#cookie("", 0, false);
  }

  /** Undefined: one has to sign in. */
  of(request: Request, peer: string): VisitorSession | undefined {
    if (this.#token === undefined) return this.#session("console", "", false);
    const cookie = this.#cookieOf(request);
    const [, payload = "", expires = "", name = "", signature = ""] = /^((\d{1,15})\.([\w-]*))\.([\w-]+)$/.exec(cookie) ?? [];
    const isGenuine = payload !== "" && constantTimeEqual(signature, this.#sign(`session ${payload}`));
    if (isGenuine && Number(expires) > this.#clock.now()) {
      const visitor = Buffer.from(name, "base64url").toString("utf8");
      return this.#session(visitor === "" ? "console" : `${visitor}, console`, cookie, true);
    }
    return this.#hasToken(request, peer) ? this.#session("console", "", false) : undefined;
  }

  #session(visitor: string, cookie: string, isSignedIn: boolean): VisitorSession {
    return { visitor, formToken: this.#sign(`form ${cookie}`), isSignedIn };
  }

  /** As programs send it. */
  #hasToken(request: Request, peer: string): boolean {
    const [, sent] = /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    return sent !== undefined && this.#options.checkToken(sent, peer) === "right";
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }

  /** Cookies do not know ports: runners with other tokens on the same host have names of their own. */
  get #cookieName(): string {
    return `console_${this.#sign("name").replaceAll(/\W/g, "").slice(0, 8)}`;
  }

  #cookie(value: string, seconds: number, isSecure: boolean): string {
    const secure = isSecure ? "; Secure" : "";
    return `${this.#cookieName}=${value}; Path=/console; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }

  #cookieOf(request: Request): string {
    const name = `${this.#cookieName}=`;
    const cookies = (request.headers.get("cookie") ?? "").split(";").map((cookie) => cookie.trim());
    return cookies.find((cookie) => cookie.startsWith(name))?.slice(name.length) ?? "";
  }
}
