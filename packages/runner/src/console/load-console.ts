import { loadOptionalPackage, searchPlaces } from "@statewave-connectors/config/adapters";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RunnerConfiguration } from "../composition/runner-configuration.ts";
import type { Engine } from "../composition/engine.ts";
import type { Subtree } from "../http/route-server.ts";
import type { TokenGate } from "../http/token-gate.ts";
import { Activity } from "./activity.ts";
import type { OpenConsole } from "./console-host.ts";

/** A page that is not opened yet, and what is counted for it from the start on. */
export interface LoadedConsole {
  /** Opens it for an engine. */
  readonly open: (engine: Engine, gate: TokenGate) => Subtree;
  readonly activity: Activity;
}

const packageName = "@statewave-connectors/console";

/** The page for operators, where the configuration wants it: what was passed in, or else the package. */
export async function loadConsole(configuration: RunnerConfiguration): Promise<LoadedConsole | undefined> {
  const { config, console: given, listen = true } = configuration;
  if (config.runner.admin?.console === undefined || !listen) return undefined;
  const openConsole = given ?? (await loadPackage(configuration));
  const { openPage } = await import("./open-page.ts");
  const activity = new Activity();
  return { open: (engine, gate) => openPage(openConsole, { engine, activity, gate }), activity };
}

async function loadPackage({ config, resolveFrom = [] }: RunnerConfiguration): Promise<OpenConsole> {
  const { runner, baseDir } = config;
  const from = searchPlaces(baseDir, { resolveFrom, packageFolders: runner.packageFolders });
  const { openConsole } = await loadOptionalPackage(packageName, { purpose: "[runner.admin] console", from });
  if (typeof openConsole === "function") return openConsole as OpenConsole;
  throw new ConnectorsError({
    code: "CONFIG_PACKAGE_INVALID",
    message: `${packageName} is not the page for operators: it exports no function openConsole`,
    hint: "install the version of it that goes with this runner",
  });
}
