import type { StoredEpisode } from "@statewave-connectors/testing/fake-statewave";
import { type DovecotServer, dovecotPassword, type ImapScript, startDovecot } from "@statewave-connectors/testing/servers";
import { FetchGate } from "./fetch-gate.ts";
import { balanced, reconcile } from "./ledger.ts";
import { until } from "./until.ts";
import type { Ending } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

export const user = "ada@example.com";

/** A mailbox on a real server, the program that reads it, and what Statewave is owed of it. */
export class MailWorld {
  readonly owed = new Set<string>();
  readonly world: World;
  readonly dovecot: DovecotServer;
  readonly gate: FetchGate;

  constructor(world: World, dovecot: DovecotServer, gate: FetchGate) {
    this.world = world;
    this.dovecot = dovecot;
    this.gate = gate;
  }

  /** Puts mails into a folder, each with a marker in its text. */
  async fill(script: ImapScript, folder: string, count: number): Promise<void> {
    await this.append(
      script,
      folder,
      Array.from({ length: count }, (_, at) => (marker: string) => mailOf(marker, folder, at % 40 === 0)),
    );
  }

  /** Puts mails into a folder, each made of a marker that its text has to hold. */
  async append(script: ImapScript, folder: string, mails: readonly ((marker: string) => string | Uint8Array)[]): Promise<void> {
    const markers = mails.map((_, at) => `mark:mail-${String(this.owed.size + at).padStart(6, "0")}`);
    await script.append(
      folder,
      mails.map((make, at) => ({ mail: make(markers[at] ?? "") })),
    );
    for (const marker of markers) this.owed.add(marker);
  }

  /** Resolves when every mail is stored, without a run that is requested here. */
  async arrived(): Promise<void> {
    const missing = () => {
      const stored = JSON.stringify(mailsOf(this.world.statewave.episodes));
      return [...this.owed].filter((marker) => !stored.includes(marker));
    };
    try {
      await until("all mails are stored", () => missing().length === 0);
    } catch (error) {
      throw new Error(`missing are ${missing().join(", ")}`, { cause: error });
    }
  }

  /** What is stored once runs find nothing more, by marker and by Message-ID. */
  async account() {
    for (let run = 0; run < 10; run += 1) {
      const [summary] = (await this.world.workspace.jsonLines("sync", "imap/box", "--json")).slice(-1);
      if (summary?.["episodes"] === 0) break;
    }
    const mails = mailsOf(this.world.statewave.episodes);
    const ids = mails.flatMap((episode) => /"message_id_header":"(<[^"]+>)"/.exec(JSON.stringify(episode))?.[1] ?? []);
    return { ...reconcile({ episodes: mails }, { owed: this.owed }), stored: ids.length, messageIds: new Set(ids).size };
  }

  /** Everything, and everything once. */
  get whole() {
    return { ...balanced, stored: this.owed.size, messageIds: this.owed.size };
  }
}

export function mailsOf(episodes: readonly StoredEpisode[]): readonly StoredEpisode[] {
  return episodes.filter(({ payload }) => JSON.stringify(payload).includes("mark:mail-"));
}

/** The header by which the mail of a marker is counted. */
export function messageIdOf(marker: string): string {
  return `Message-ID: <${marker.slice("mark:".length)}@test>`;
}

/** The text of a nested mail is not its first part, so it takes a FETCH of its own. */
function mailOf(marker: string, folder: string, isNested: boolean): string {
  const from = folder === "Sent" ? user : "Bo <bo@example.org>";
  const head = [`From: ${from}`, "To: Cy <cy@example.net>", `Subject: A mail of ${folder}`, messageIdOf(marker)];
  const text = `As agreed, ${marker} stands.`;
  if (!isNested) return [...head, "", text, ""].join("\r\n");
  const multipart = (kind: string, content: readonly string[]) => [
    `Content-Type: multipart/${kind}; boundary=${kind}`,
    "",
    `--${kind}`,
    ...content,
    `--${kind}--`,
    "",
  ];
  return [...head, "MIME-Version: 1.0", ...multipart("mixed", multipart("alternative", ["", text]))].join("\r\n");
}

/** How the entry of a test differs from that of the others. */
export interface MailEntry {
  readonly schedule?: string;
  /** Lines at its end. */
  readonly options?: readonly string[];
}

export async function makeMailWorld(test: Ending, { schedule = "every 1s", options = [] }: MailEntry = {}): Promise<MailWorld> {
  const dovecot = await startDovecot();
  test.onTestFinished(() => dovecot.stop());
  const gate = await FetchGate.start(dovecot.port);
  test.onTestFinished(() => gate.close());
  const entry = [
    "[[pull.imap]]",
    'name = "box"',
    `schedule = "${schedule}"`,
    'host = "127.0.0.1"',
    `port = ${gate.port}`,
    'tls = "none"',
    `username = "${user}"`,
    `password = "${dovecotPassword}"`,
    'folders = ["INBOX", "\\\\Sent", "Projects/*"]',
    ...options,
  ];
  const world = await makeWorld(test, { entries: entry.join("\n") });
  return new MailWorld(world, dovecot, gate);
}
