import { loadOptionalPackage, searchPlaces } from "@statewave-connectors/config/adapters";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RunnerConfiguration } from "../composition/runner-configuration.ts";
import { Activity } from "./activity.ts";
import type { OpenConsole } from "./console-host.ts";

/** A page that is not opened yet, and what is counted for it from the start on. */
export interface LoadedConsole {
  readonly open: OpenConsole;
  readonly activity: Activity;
}

const packageName = "@statewave-connectors/console";

/** The page for operators, where the configuration wants it: what was passed in, or else the package. */
export async function loadConsole(configuration: RunnerConfiguration): Promise<LoadedConsole | undefined> {
  const { config, console: given, listen = true } = configuration;
  if (config.runner.admin?.console === undefined || !listen) return undefined;
  return { open: given ?? (await loadPackage(configuration)), activity: new Activity() };
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
