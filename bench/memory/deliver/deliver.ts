import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../lib/runner-process.ts";
import type { Corpus } from "../questions/corpora.ts";
import type { HeldEpisode } from "@statewave-connectors/testing/memory-rules";
import { startGithub } from "./github-corpus.ts";
import { writeDocuments } from "./markdown-corpus.ts";
import { postDeliveries, signingSecret } from "./post-deliveries.ts";
import { runCommand } from "./program.ts";
import { startSlack } from "./slack-corpus.ts";

export interface DeliverOptions {
  /** The folder of the checkout whose program delivers. */
  readonly checkout: string;
  /** Options of the entry besides those it needs, as they stand in TOML. */
  readonly entry?: readonly string[];
}

/** Sends a corpus through a checkout's program, from the provider's API to what Statewave would be sent, in the order of delivery. */
export async function deliver(corpus: Corpus, options: DeliverOptions): Promise<readonly HeldEpisode[]> {
  const folder = await mkdtemp(join(tmpdir(), "statewave-memory-"));
  try {
    const provider = await openProvider(corpus, folder);
    try {
      await deliverFrom(provider, corpus, folder, options);
    } finally {
      await provider.close();
    }
    const lines = (await readFile(join(folder, "episodes.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
    const episodes = lines.map((line) => JSON.parse(line) as HeldEpisode);
    return episodes.filter((episode) => episode.subject_id === corpus.subject);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a corpus is read from. */
interface Provider {
  /** Lines of the entries that read it. */
  readonly pull: readonly string[];
  readonly push?: readonly string[];
  readonly deliveries?: readonly string[];
  /** What happens between two runs. Absent: there is one run. */
  readonly change?: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function openProvider(corpus: Corpus, folder: string): Promise<Provider> {
  if (corpus.connector === "github") {
    const fake = await startGithub(corpus.content);
    const pull = [`repo = "${corpus.content.repo}"`, `token = "${fake.token}"`, `base_url = "${fake.url}"`];
    return { pull, close: () => fake.close() };
  }
  if (corpus.connector === "slack") {
    const { fake, deliveries } = await startSlack(corpus.content);
    const both = [`bot_token = "${fake.token}"`, `base_url = "${fake.url}"`];
    const push = [`signing_secret = "${signingSecret}"`, ...both];
    return { pull: both, push, deliveries, close: () => fake.close() };
  }
  const { edit } = await writeDocuments(corpus.folder, join(folder, "documents"), corpus.content.edits);
  return { pull: ['path = "documents"'], change: edit, close: () => Promise.resolve() };
}

async function deliverFrom(provider: Provider, corpus: Corpus, folder: string, options: DeliverOptions): Promise<void> {
  const { connector, name } = corpus;
  const { deliveries = [], push = [] } = provider;
  const config = join(folder, "statewave-connectors.toml");
  const port = await freePort();
  const toml = [
    '[statewave]\nurl = "file:./episodes.jsonl"',
    `[runner]\nhost = "127.0.0.1"\nport = ${port}\nlog_level = "warn"\nstate_dir = "./state"`,
    '[runner.state]\nkind = "file"',
    `[[pull.${connector}]]\nname = "${name}"\nschedule = "0 0 1 1 *"`,
    ...provider.pull,
    ...(options.entry ?? []),
    ...(deliveries.length === 0 ? [] : [`[[push.${connector}]]\nname = "${name}"`, ...push]),
  ];
  await writeFile(config, `${toml.join("\n")}\n`);
  const sync = () => runCommand(options.checkout, ["sync", `${connector}/${name}`, "--config", config]);
  await sync();
  if (provider.change !== undefined) {
    await provider.change();
    await sync();
  }
  if (deliveries.length === 0) return;
  const url = `http://127.0.0.1:${port}`;
  await postDeliveries({ checkout: options.checkout, config, url, path: `/${connector}/${name}/events`, deliveries });
}
