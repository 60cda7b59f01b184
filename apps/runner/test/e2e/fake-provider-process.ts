import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Ending } from "./workspace.ts";

/** A provider's API as a process of its own, on which a test acts as the provider's users do. */
export class FakeProviderProcess {
  readonly url: string;
  /** What the API's own token is. */
  readonly token: string;

  constructor({ url, token }: { readonly url: string; readonly token: string }) {
    this.url = url;
    this.token = token;
  }

  /** Does what people do there, e.g. `addIssue`; answers the number, id or time of what it made. */
  async act(action: string, ...args: readonly unknown[]): Promise<unknown> {
    const address = new URL(`/_fake/${action}`, this.url);
    const response = await fetch(address, { method: "POST", body: JSON.stringify(args) });
    if (!response.ok) throw new Error(`the fake provider knows no ${action}`);
    return response.json();
  }
}

/** Starts the fake that a connector publishes under this name; it ends with the test. */
export async function startFakeProvider(
  { onTestFinished }: Ending,
  module: string,
  ...args: readonly string[]
): Promise<{ readonly url: string; readonly token: string }> {
  const program = fileURLToPath(import.meta.resolve(module));
  const command = ["--conditions=@statewave-connectors/source", program, "--until-stdin-ends", ...args];
  const child = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as { url: string; token: string };
}
