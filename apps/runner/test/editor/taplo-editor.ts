import { readFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import taploLib from "@taplo/lib";
import taploLsp from "@taplo/lsp";

type DeclaredEnvironment = NonNullable<Parameters<typeof taploLib.Taplo.initialize>[0]>;

/** The language server calls one member more than its types declare. */
interface Environment extends DeclaredEnvironment {
  readonly toUnixPathOnWindows: (path: string) => string;
}

/** What Taplo needs of its host: it reads files, and nothing else. */
const environment: Environment = {
  now: () => new Date(),
  envVar: () => undefined,
  envVars: () => [],
  stdErrAtty: () => false,
  stdin: async () => new Uint8Array(),
  stdout: async (bytes: Uint8Array) => bytes.length,
  stderr: async (bytes: Uint8Array) => bytes.length,
  glob: () => [],
  readFile: (path) => readFile(path),
  writeFile: async () => undefined,
  // It has a place of its own, root:///, for files without a folder.
  urlToFilePath: (url) => (url.startsWith("file:") ? fileURLToPath(url) : "/"),
  toUnixPathOnWindows: (path) => path,
  isAbsolute,
  cwd: () => "/",
  findConfigFile: () => undefined,
};

/** What Taplo finds wrong with a text by a JSON Schema, one sentence each. */
export async function lint(toml: string, schemaPath: string): Promise<readonly string[]> {
  const taplo = await taploLib.Taplo.initialize(environment);
  const { errors } = await taplo.lint(toml, { config: { schema: { enabled: true, url: pathToFileURL(schemaPath).href } } });
  return errors.map(({ error }) => error);
}

interface Position {
  readonly line: number;
  readonly character: number;
}

/** Taplo's language server, as an editor talks to it, with one open file. */
export interface Editor {
  /** The text that appears when the pointer rests on a word of the file. */
  readonly hover: (word: string) => Promise<string>;
  /** The labels offered at the end of the file. */
  readonly complete: () => Promise<readonly string[]>;
}

/** Opens a file whose first line names its schema. Taplo would fetch a catalog of schemas first: pass a `fetch` that fails. */
export async function openInEditor(path: string, toml: string): Promise<Editor> {
  const answers = new Map<number, PromiseWithResolvers<unknown>>();
  let server: Awaited<ReturnType<typeof taploLsp.TaploLsp.initialize>> | undefined;
  const settings = { schema: { enabled: true } };
  server = await taploLsp.TaploLsp.initialize(environment, {
    onMessage(message) {
      const { id, method, result, error } = message;
      if (method === "workspace/configuration")
        return void setImmediate(() => server?.send({ jsonrpc: "2.0", id: id ?? 0, result: [settings] }));
      if (method !== undefined && id !== undefined)
        return void setImmediate(() => server?.send({ jsonrpc: "2.0", id, result: null }));
      const waiting = answers.get(Number(id));
      if (error !== undefined) waiting?.reject(new Error(JSON.stringify(error)));
      else waiting?.resolve(result);
    },
  });
  const send = (method: string, params: unknown) => server.send({ jsonrpc: "2.0", method, params });
  const request = (method: string, params: unknown) => {
    const id = answers.size + 1;
    const answer = Promise.withResolvers<unknown>();
    answers.set(id, answer);
    server.send({ jsonrpc: "2.0", id, method, params });
    return answer.promise;
  };
  const uri = pathToFileURL(path).href;
  const rootUri = pathToFileURL(dirname(path)).href;
  const capabilities = { workspace: { configuration: true } };
  await request("initialize", {
    processId: null,
    rootUri,
    capabilities,
    workspaceFolders: [{ uri: rootUri, name: "workspace" }],
  });
  send("initialized", {});
  send("textDocument/didOpen", { textDocument: { uri, languageId: "toml", version: 1, text: toml } });
  const at = (position: Position) => ({ textDocument: { uri }, position });
  return {
    async hover(word) {
      const found = (await request("textDocument/hover", at(positionOf(toml, toml.indexOf(word) + 1)))) as {
        contents?: { value?: string };
      } | null;
      return found?.contents?.value ?? "";
    },
    async complete() {
      const found = (await request("textDocument/completion", at(positionOf(toml, toml.length)))) as
        | { items?: { label: string }[] }
        | { label: string }[]
        | null;
      const items = Array.isArray(found) ? found : (found?.items ?? []);
      return items.map(({ label }) => label);
    },
  };
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
