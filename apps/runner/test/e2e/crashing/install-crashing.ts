import type { Workspace } from "../workspace.ts";

const files = {
  "cursor-store-crashing": new URL("./crashing-cursor-store.ts", import.meta.url),
  "inbox-crashing": new URL("./crashing-inbox.ts", import.meta.url),
} as const;

/** For `[connectors] slack = …`. */
export const crashingSlack = new URL("./crashing-slack.ts", import.meta.url).href;

/** Installs the wrapped adapters as packages beside the configuration, where the program finds them: the product knows nothing of them. */
export async function installCrashingAdapters(workspace: Workspace): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    const folder = `node_modules/@statewave-connectors/${name}`;
    const manifest = { name: `@statewave-connectors/${name}`, version: "0.0.0", type: "module", exports: "./index.js" };
    await workspace.write(`${folder}/package.json`, JSON.stringify(manifest));
    await workspace.write(`${folder}/index.js`, `export * from ${JSON.stringify(file.href)};\n`);
  }
}
