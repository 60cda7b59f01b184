import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { configName, type Ending, makeWorkspace, type Workspace } from "../workspace.ts";

export const mainProgram = fileURLToPath(new URL("../../../dist/main.js", import.meta.url));
const hostileConnector = new URL("./hostile-connector.ts", import.meta.url).href;

export interface AgentOptions {
  /** What `mcp` is called with. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a tool answers. */
export interface ToolResult {
  readonly isError?: boolean;
  readonly notice: string;
  readonly foreign_fields: readonly string[];
  readonly exit_code: number;
  readonly messages?: string;
  readonly omitted?: Readonly<Record<string, number>>;
  readonly data: Readonly<Record<string, unknown>>;
  /** As an agent gets it. */
  readonly text: string;
}

/** An agent's end of the connection: the client of the protocol's own SDK, over a process of the real program. */
export class Agent {
  readonly client = new Client({ name: "test agent", version: "1.0.0" });
  stderr = "";
  readonly #transport: StdioClientTransport;

  constructor(workspace: Workspace, { args = [], env = {} }: AgentOptions) {
    this.#transport = new StdioClientTransport({
      command: process.execPath,
      args: [mainProgram, "mcp", "--config", workspace.path(configName), ...args],
      cwd: workspace.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: workspace.folder, ...env },
      stderr: "pipe",
    });
    this.#transport.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
  }

  async connect(): Promise<void> {
    await this.client.connect(this.#transport);
  }

  async toolNames(): Promise<readonly string[]> {
    return (await this.client.listTools()).tools.map(({ name }) => name);
  }

  async call(name: string, input: Readonly<Record<string, unknown>> = {}): Promise<ToolResult> {
    const { structuredContent, content, isError } = await this.client.callTool({ name, arguments: { ...input } });
    const [first] = content as readonly { readonly text: string }[];
    const text = first?.text ?? "";
    return { ...(structuredContent as ToolResult), text, ...(isError === true && { isError }) };
  }
}

/** An agent that is connected until the test ends. */
export async function connectAgent(test: Ending, workspace: Workspace, options: AgentOptions = {}): Promise<Agent> {
  const agent = new Agent(workspace, options);
  test.onTestFinished(() => agent.client.close());
  await agent.connect();
  return agent;
}

/** A workspace whose source answers with whatever its options say: see the connector. */
export async function makeHostileWorkspace(test: Ending, entry = "", statewaveUrl = "file:./episodes.jsonl"): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  await workspace.write("hostile.mjs", `export * from ${JSON.stringify(hostileConnector)};\n`);
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewaveUrl}"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"

[runner.state]
kind = "file"

[privacy]
redact = ["email"]

[connectors]
hostile = "./hostile.mjs"

[[pull.hostile]]
name = "main"
schedule = "0 0 1 1 *"
${entry}
`,
  );
  return workspace;
}
