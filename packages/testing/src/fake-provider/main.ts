#!/usr/bin/env node
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fakeProviderFlags, serveFakeProvider } from "./serve-fake-provider.ts";
import type { FakeProviderOptions } from "./start-fake-provider.ts";

// A fake as a process, `statewave-fake-provider`: `--routes ./my-provider.mjs` names a module that exports `provider`, the options of `fakeProvider`.
const values = fakeProviderFlags();
if (values.help) {
  console.log("usage: statewave-fake-provider --routes <module> [--port <n>] [--token <text>] [--time-scale <n>] [--log <file>]");
  process.exit(0);
}
if (values.routes === undefined) {
  console.error("--routes names no module that exports `provider`");
  process.exit(2);
}
const module = (await import(pathToFileURL(resolve(values.routes)).href)) as { readonly provider?: FakeProviderOptions };
if (module.provider === undefined) {
  console.error(`${values.routes} exports no \`provider\``);
  process.exit(2);
}
await serveFakeProvider(module.provider, values);
