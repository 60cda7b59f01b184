import { randomBytes } from "node:crypto";
import type { Console, ConsoleHost } from "@statewave-connectors/runner/console";
import type { StatusReport } from "@statewave-connectors/runner/status";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { constantTimeEqual } from "@statewave-connectors/connector-sdk/signature";
import { type Asset, type Assets, readAssets } from "./assets.ts";
import { keptOnce } from "./kept-once.ts";
import { layout } from "./layout.ts";
import { loginPage } from "./pages/login.ts";
import { notFound } from "./pages/not-found.ts";
import { problemPage, refusalPage } from "./pages/problem.ts";
import { redirect, sendAsset, sendHtml } from "./respond.ts";
import { findPage } from "./routes.ts";
import { isOverTls, isSameOrigin } from "./same-origin.ts";
import { type VisitorSession, Sessions } from "./sessions.ts";
import { type Shared, sharedFor } from "./shared-for.ts";
import type { ConsolePage } from "./visit.ts";

/** Visitors who look at the same time share one look at the state. */
const statusSharedForMs = 1_000;

/** The page of a runner. Reads its files with the first request. */
export function openConsole(host: ConsoleHost): Console {
  const { clock } = host;
  const sessions = new Sessions({
    token: () => host.token,
    checkToken: (sent, peer) => host.checkToken(sent, peer),
    clock,
    randomKey: randomBytes(32),
  });
  const status = sharedFor(() => host.readStatus(), statusSharedForMs, clock);
  const assets = keptOnce(readAssets);

  return async (request, peer) => {
    const door = new Door(host, sessions, await assets(), status);
    return door.answer(request, peer);
  };
}

/** Answers requests: decides who may see what, and has the pages made. */
class Door {
  readonly #host: ConsoleHost;
  readonly #sessions: Sessions;
  readonly #assets: Assets;
  readonly #status: Shared<StatusReport>;

  constructor(host: ConsoleHost, sessions: Sessions, assets: Assets, status: Shared<StatusReport>) {
    this.#host = host;
    this.#sessions = sessions;
    this.#assets = assets;
    this.#status = status;
  }

  async answer(request: Request, peer: string): Promise<Response> {
    const { pathname } = new URL(request.url);
    const asset = this.#assetAt(pathname);
    if (asset !== undefined) return sendAsset(request, asset);
    if (pathname === "/console") return redirect("/console/");
    const isForm = request.method === "POST";
    const session = this.#sessions.of(request, peer);
    if (isForm && !isSameOrigin(request))
      return this.#send(request, refusalPage(403, "This form was not sent from a page of this server."), session);
    if (pathname === "/console/login") return isForm ? this.#signIn(request, peer) : this.#send(request, loginPage(), undefined);
    if (session === undefined)
      return isForm ? this.#send(request, refusalPage(401, "Sign in first."), undefined) : redirect("/console/login");
    if (isForm && this.#sessions.isRequired && !session.isSignedIn)
      return this.#send(request, refusalPage(403, "Programs can only read: sign in to act."), session);
    const form = new URLSearchParams(isForm ? await request.text() : "");
    if (isForm && !constantTimeEqual(form.get("form_token") ?? "", session.formToken))
      return this.#send(
        request,
        refusalPage(403, "This form is from before a restart, or of another visitor: load its page again."),
        session,
      );
    if (isForm && pathname === "/console/logout") return redirect("/console/login", { "set-cookie": this.#sessions.signOut() });
    return this.#send(request, await this.#makePage(request, form, session), session);
  }

  #assetAt(pathname: string): Asset | undefined {
    return Object.values(this.#assets).find(({ path }) => path === pathname);
  }

  async #signIn(request: Request, peer: string): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const visitor = form.get("visitor") ?? "";
    if (!this.#sessions.isRequired) return redirect("/console/");
    const verdict = this.#host.checkToken(form.get("token") ?? "", peer);
    if (verdict === "right") return redirect("/console/", { "set-cookie": this.#sessions.signIn(visitor, isOverTls(request)) });
    const refusal = verdict === "wrong" ? "wrong token" : "several wrong tokens";
    this.#host.logger.warn("a sign-in to the console was refused", { reason: refusal, from: peer });
    return this.#send(request, loginPage({ visitor, refusal: verdict }), undefined);
  }

  async #makePage(request: Request, form: URLSearchParams, { visitor, formToken }: VisitorSession): Promise<ConsolePage> {
    const url = new URL(request.url);
    const make = findPage(request.method, url.pathname);
    if (make === undefined) return notFound("There is no such page.");
    const { clock, logger } = this.#host;
    const visit = { host: this.#host, url, form, visitor, formToken, nowMs: clock.now(), readStatus: this.#status.read };
    try {
      return await make(visit);
    } catch (error) {
      const level = isConnectorsError(error) ? "warn" : "error";
      logger[level]("a page of the console could not be made", { path: url.pathname, error });
      return problemPage(error);
    } finally {
      // The page that follows an action shows what it did.
      if (request.method === "POST") this.#status.forget();
    }
  }

  #send(request: Request, page: ConsolePage, session: VisitorSession | undefined): Promise<Response> {
    const { style, script, morph } = this.#assets;
    const frame = {
      version: this.#host.version,
      assets: { style: style.path, script: script.path, morph: morph.path },
      path: new URL(request.url).pathname,
      signOut: session?.isSignedIn === true ? session : undefined,
      hasNavigation: session !== undefined,
    };
    return sendHtml(request, layout(page, frame), { status: page.status, headers: page.headers });
  }
}
