import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigInput, parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner } from "@statewave-connectors/runner";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { onTestFinished } from "vitest";
import { openConsole } from "../src/index.ts";
import { notes } from "./notes-connector.ts";

export interface Wanted {
  readonly pull?: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
  readonly admin?: Readonly<Record<string, unknown>>;
}

/** A real runner with its page, the fake Statewave that it delivers to, and a browser without a screen. */
export interface Running {
  readonly adminUrl: string;
  readonly statewave: FakeStatewave;
  /** Sends a webhook to `notes/team`. */
  readonly send: (body: string) => Promise<Response>;
  /** Requests a page, by default as a browser that was not sent by another site. */
  readonly visit: (path: string, init?: RequestInit) => Promise<Visited>;
  /** Sends a form as a browser does from a page of the server. */
  readonly submit: (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Visited>;
}

export interface Visited {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** Starts a runner for one test. */
export async function startRunner({ pull = [], admin = {} }: Wanted = {}): Promise<Running> {
  const statewave = await startFakeStatewave();
  onTestFinished(() => statewave.close());
  const folder = mkdtempSync(join(tmpdir(), "console-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const source = {
    statewave: { url: statewave.url },
    runner: { host: "127.0.0.1", port: 0, drain_timeout: "0s", admin: { listen: "127.0.0.1:0", console: true, ...admin } },
    pull: { notes: pull.map((entry) => ({ schedule: "every 1d", ...entry })) },
    push: { notes: [{ name: "team" }] },
  } as ConfigInput;
  const parsed = await parseConfig(source, { connectors: [notes], baseDir: folder });
  const runner = await createRunner({ ...parsed, logger: silentLogger, console: openConsole });
  onTestFinished(() => runner.stop());
  await runner.start();
  const { url = "", adminUrl = "" } = runner.describe();
  return { adminUrl, statewave, ...visitorOf(url, adminUrl) };
}

function visitorOf(url: string, adminUrl: string): Pick<Running, "send" | "visit" | "submit"> {
  const visit = async (path: string, init: RequestInit = {}): Promise<Visited> => {
    const response = await fetch(adminUrl + path, { redirect: "manual", ...init });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  return {
    send: (body) => fetch(`${url}/notes/team/events`, { method: "POST", body, headers: { "x-signature": "right" } }),
    visit,
    submit: (path, fields, headers = {}) =>
      visit(path, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { "sec-fetch-site": "same-origin", ...headers },
      }),
  };
}

/** The form token that a page carries. */
export function formTokenOf({ html }: Visited): string {
  return /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? "";
}

/** What a browser sends back of a `set-cookie` header. */
export function cookieOf({ headers }: Visited): string {
  return (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}
