import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Ending } from "./workspace.ts";

const program = fileURLToPath(new URL("../../../../packages/connector-github/test/fake-github/main.ts", import.meta.url));

/** GitHub's API for one repository, as a process that ends with the test. */
export class FakeGithubProcess {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Does what people do to a repository, e.g. `addIssue`; answers the number it made. */
  async act(action: string, ...args: readonly unknown[]): Promise<unknown> {
    const response = await fetch(`${this.url}/_fake/${action}`, { method: "POST", body: JSON.stringify(args) });
    if (!response.ok) throw new Error(`the fake GitHub knows no ${action}`);
    return response.json();
  }

  /** How many episodes of each kind the repository as it is now must bring. */
  async expected(): Promise<Record<string, number>> {
    return (await this.act("expected")) as Record<string, number>;
  }

  /** The TOML entry that reads it every second. */
  get entry(): string {
    return `
[[pull.github]]
name = "widgets"
schedule = "every 1s"
repo = "acme/widgets"
token = "fake-token"
base_url = "${this.url}"
`;
  }
}

/** A fake GitHub for one test. */
export async function startFakeGithub({ onTestFinished }: Ending, ...args: readonly string[]): Promise<FakeGithubProcess> {
  const child = spawn(process.execPath, [program, "--until-stdin-ends", "--requests-per-hour", "1000000", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return new FakeGithubProcess((JSON.parse(line) as { url: string }).url);
}
