import { didYouMean, type LoadedConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RunnerOptions } from "./runner.ts";

const howTo = "pass what loadConfig() or parseConfig() resolves with: createRunner(await parseConfig({ … }))";

/** What stores, inboxes and loggers have to have; a function or a class in their place is the usual slip. */
const methods = {
  cursorStore: ["acquire", "checkpoint", "release", "close"],
  inbox: ["accept", "consume", "stats", "close"],
  logger: ["debug", "info", "warn", "error"],
  clock: ["now", "after"],
  telemetry: ["span", "current", "logger", "close"],
} as const;

/** Every option, and what `loadConfig()` resolves with besides. */
const known: Readonly<Record<keyof RunnerOptions | keyof LoadedConfig, true>> = {
  config: true,
  connectors: true,
  cursorStores: true,
  inboxes: true,
  path: true,
  foundBy: true,
  includes: true,
  ingest: true,
  cursorStore: true,
  inbox: true,
  logger: true,
  telemetry: true,
  fetchImpl: true,
  clock: true,
  random: true,
  resolveFrom: true,
  leaseTtlMs: true,
  disableDefaultMetrics: true,
  listen: true,
  basePath: true,
  readConfig: true,
  console: true,
  onError: true,
  onEvent: true,
};

/** Throws `RUNNER_OPTIONS_INVALID` for what TypeScript would have refused, and names the call that is right. */
export function checkRunnerOptions(options: unknown): void {
  if (!isObject(options)) throw invalid(`createRunner() was called with ${nameOf(options)} instead of options`, howTo);
  checkConfig(options["config"]);
  for (const [name, wanted] of Object.entries(methods)) checkMethods(name, options[name], wanted);
  checkBasePath(options["basePath"]);
  checkNames(options);
  const { listen } = options;
  if (listen !== undefined && typeof listen !== "boolean")
    throw invalid(`listen is ${nameOf(listen)}`, "pass false for no port; [runner] port sets the port");
  for (const name of ["ingest", "fetchImpl", "random", "console", "onError", "onEvent", "readConfig"])
    checkFunction(name, options[name]);
}

function checkConfig(config: unknown): void {
  if (!isObject(config)) throw invalid(`createRunner() needs a config, got ${nameOf(config)}`, howTo);
  if (isObject(config["config"])) throw invalid("config is the whole of what loadConfig() resolves with", "pass config.config");
  if (typeof config["then"] === "function") throw invalid("config is a promise", "await it: createRunner(await loadConfig())");
  const { runner, statewave, pull, push } = config;
  // `maxInFlight` has a default, so only a checked configuration is sure to have it.
  const isChecked = isObject(runner) && isObject(runner["state"]) && isObject(statewave) && "maxInFlight" in statewave;
  if (!isChecked || !Array.isArray(pull) || !Array.isArray(push))
    throw invalid("config has not been checked by loadConfig() or parseConfig()", howTo);
}

function checkMethods(name: string, value: unknown, wanted: readonly string[]): void {
  if (value === undefined) return;
  const missing = isObject(value) ? wanted.find((method) => typeof value[method] !== "function") : undefined;
  if (!isObject(value)) throw invalid(`${name} is ${nameOf(value)}`, `pass an object with ${wanted.join(", ")}`);
  if (missing !== undefined) throw invalid(`${name} has no method ${missing}`, `pass an object with ${wanted.join(", ")}`);
}

function checkBasePath(basePath: unknown): void {
  if (basePath === undefined || (typeof basePath === "string" && /^(\/[^/?#]+)*$/.test(basePath))) return;
  throw invalid(
    `basePath is ${JSON.stringify(basePath) ?? nameOf(basePath)}`,
    'write a path such as "/connectors", without a slash at its end',
  );
}

/** A `listn: false` would open a port. Other names may be of a program's own, which passes its options on. */
function checkNames(options: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(options)) {
    const meant = Object.hasOwn(known, name) || options[name] === undefined ? undefined : didYouMean(name, Object.keys(known));
    if (meant !== undefined) throw invalid(`there is no option ${name}`, `did you mean ${meant}?`);
  }
}

/** A sink may be given as an object instead. */
function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function" || (name === "ingest" && isObject(value))) return;
  throw invalid(`${name} is ${nameOf(value)}`, "pass a function");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function invalid(message: string, hint: string): ConnectorsError {
  return new ConnectorsError({ code: "RUNNER_OPTIONS_INVALID", message, hint });
}
