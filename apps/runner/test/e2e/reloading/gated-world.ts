import { readFile } from "node:fs/promises";
import { installAdapter } from "../install-adapter.ts";
import { until } from "../until.ts";
import { configName, configText, type ConfigOptions, type Ending, makeWorkspace, type Workspace } from "../workspace.ts";

/** A workspace with one source whose pages wait for the test; episodes go to a file, in which each of them shows. */
export class GatedWorld {
  readonly workspace: Workspace;
  readonly #options: Partial<ConfigOptions>;

  constructor(workspace: Workspace, options: Partial<ConfigOptions>) {
    this.workspace = workspace;
    this.#options = options;
  }

  /** Writes a configuration whose source has this label; undefined: it has none. */
  async configure(label: string | undefined): Promise<void> {
    const entry = `[[pull.gated]]\nname = "pages"\nschedule = "every 1s"\nlabel = "${label}"\n`;
    const text = configText({
      statewaveUrl: "file:./episodes.jsonl",
      ...this.#options,
      entries: label === undefined ? "" : entry,
    });
    await this.workspace.write(configName, text);
  }

  async allow(...pages: readonly number[]): Promise<void> {
    for (const page of pages) await this.workspace.write(`allow-${page}`, "");
  }

  /** The process that reads this page, as soon as one does. */
  async readerOf(page: number): Promise<number> {
    const pid = await until(`page ${page} is read`, () =>
      readFile(this.workspace.path(`begun-${page}`), "utf8").catch(() => undefined),
    );
    return Number(pid);
  }

  /** What was delivered, in its order. */
  async delivered(): Promise<readonly string[]> {
    const text = await readFile(this.workspace.path("episodes.jsonl"), "utf8").catch(() => "");
    return [...text.matchAll(/page \d+ read by [a-z]+/g)].map(([episode]) => episode);
  }
}

/** The episodes of these pages, read with one label. */
export function pagesReadBy(label: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `page ${first + index} read by ${label}`);
}

/** A world for one test. */
export async function makeGatedWorld(ending: Ending, options: Partial<ConfigOptions> = {}): Promise<GatedWorld> {
  const workspace = makeWorkspace(ending);
  await installAdapter(workspace, "connector-gated", new URL("gated-connector.ts", import.meta.url));
  await workspace.write("docs/empty.txt", "");
  const world = new GatedWorld(workspace, options);
  await world.configure("former");
  return world;
}
