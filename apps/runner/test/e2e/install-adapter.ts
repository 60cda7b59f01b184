import type { Workspace } from "./workspace.ts";

/** Installs a module as a package beside the configuration, where the program finds it: the product knows nothing of it. */
export async function installAdapter(workspace: Workspace, name: string, module: URL): Promise<void> {
  const folder = `node_modules/@statewave-connectors/${name}`;
  const manifest = { name: `@statewave-connectors/${name}`, version: "0.0.0", type: "module", exports: "./index.js" };
  await workspace.write(`${folder}/package.json`, JSON.stringify(manifest));
  await workspace.write(`${folder}/index.js`, `export * from ${JSON.stringify(module.href)};\n`);
}
