import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault } from "@statewave-connectors/testing/fake-statewave";
import { until } from "./until.ts";
import type { Ending, Workspace } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** One incident as the format `json` shows it. */
export interface ShownIncident {
  readonly id: string;
  readonly event: string;
  readonly entry?: string;
  readonly text: string;
  readonly because?: string;
}

export interface Message {
  readonly text?: string;
  readonly test?: boolean;
  readonly began?: readonly ShownIncident[];
  readonly over?: readonly ShownIncident[];
  readonly downtime?: { readonly missed_dues: number; readonly missed_sources: number; readonly waiting_webhooks: number };
}

/** The secret part of its URL. */
export const hookPath = "/services/T0E2E/B0E2E/hook-secret-of-the-e2e";

/** What takes notices: a real HTTP server that may also refuse them, or never answer. */
export class NoticeReceiver {
  readonly url: string;
  /** Those that were answered with 200. */
  readonly messages: Message[] = [];
  /** All requests, answered or not. */
  requests = 0;
  answer: (response: ServerResponse) => "taken" | "refused" = (response) => {
    response.end("ok");
    return "taken";
  };

  constructor(port: number) {
    this.url = `http://127.0.0.1:${port}${hookPath}`;
  }

  /** In the order of their arrival: `began sink_down`, `over sink_down`. */
  get reports(): readonly string[] {
    return this.messages.flatMap(({ began = [], over = [] }) => [
      ...began.map(({ event }) => `began ${event}`),
      ...over.map(({ event }) => `over ${event}`),
    ]);
  }

  /** A `[[notify]]` that is sent to it. */
  entry(name: string, more = ""): string {
    return `[[notify]]\nname = "${name}"\nurl = "${this.url}"\n${more}\n`;
  }
}

/** A receiver of notices for one test. */
export async function startNoticeReceiver({ onTestFinished }: Ending): Promise<NoticeReceiver> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver = new NoticeReceiver((server.address() as AddressInfo).port);
  server.on("request", (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      receiver.requests += 1;
      if (receiver.answer(response) === "taken") receiver.messages.push(JSON.parse(body) as Message);
    });
  });
  return receiver;
}

/** Statewave takes nothing. */
export const failing: readonly Fault[] = [{ type: "status", status: 503 }];

/** More keys of a `[[notify]]` for a program. */
export const json = (events: string) => `format = "json"\nevents = [${events}]`;

/** A world with a document to deliver, whose troubles are reported at once. */
export async function worldWithNotices(ending: Ending, entry: string, more = ""): Promise<World> {
  const world = await makeWorld(ending, { entries: `${more}\n[runner.notices]\nsettle = "400ms"\n${entry}` });
  await world.writeDocuments(1);
  return world;
}

/** Resolves when a report such as `began sink_down` has arrived. */
export async function arrived(receiver: NoticeReceiver, report: string, timeoutMs?: number): Promise<void> {
  await until(`"${report}" arrives`, () => receiver.reports.includes(report), timeoutMs);
}

/** Resolves when this report has arrived and the state remembers that it was sent: a kill before that may have it sent again. */
export async function remembered(receiver: NoticeReceiver, report: string, workspace: Workspace): Promise<void> {
  await arrived(receiver, report);
  await until("the state remembers what was sent", async () => {
    const { stdout } = await workspace.command("state", "export");
    const { records = [] } = JSON.parse(stdout) as { readonly records?: readonly Readonly<Record<string, string>>[] };
    const state = records.find(({ scope, key }) => scope === "notices" && key === "state")?.["value"] ?? "";
    return state.includes("reportedAtMs") && !state.includes("reports");
  });
}
