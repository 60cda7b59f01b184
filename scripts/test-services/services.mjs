import { startPostgres } from "./postgres.mjs";
import { startRedis } from "./redis.mjs";

/**
 * @typedef {object} Service
 * @property {string} name Part of the path of every test file that needs it.
 * @property {string} variable Holds its URL. Set from outside, that server is used and none is started.
 * @property {() => Promise<{ url: string, stop: () => Promise<void> } | undefined>} start Undefined or a rejection: not on this machine.
 */

/** @type {readonly Service[]} */
export const services = [
  { name: "postgres", variable: "TEST_POSTGRES_URL", start: startPostgres },
  { name: "redis", variable: "TEST_REDIS_URL", start: startRedis },
];

/**
 * Starts those that are not given, all at the same time, and sets their variables. One that cannot be started is an error with CI=true,
 * else a notice: the tests that need it are skipped.
 * @param {readonly Service[]} wanted
 * @returns {Promise<() => Promise<void>>} Stops what was started.
 */
export async function startServices(wanted) {
  const missing = wanted.filter(({ variable }) => (process.env[variable] ?? "") === "");
  const outcomes = await Promise.allSettled(missing.map(({ start }) => start()));
  const stop = async () => {
    const started = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" && outcome.value ? [outcome.value] : []));
    await Promise.all(started.map((service) => service.stop()));
  };
  /** @type {string[]} */
  const notices = [];
  for (const [index, outcome] of outcomes.entries()) {
    const { name, variable } = /** @type {Service} */ (missing[index]);
    const url = outcome.status === "fulfilled" ? outcome.value?.url : undefined;
    if (url !== undefined) process.env[variable] = url;
    else notices.push(`no ${name} for the tests, and ${variable} is not set${whyNot(outcome)}`);
  }
  if (notices.length > 0 && process.env["CI"] === "true") {
    await stop();
    throw new Error(notices.join("\n"));
  }
  for (const notice of notices) process.stderr.write(`\nSKIPPING TESTS: ${notice}\n`);
  return stop;
}

/** @param {PromiseSettledResult<unknown>} outcome */
function whyNot(outcome) {
  if (outcome.status === "fulfilled") return "";
  return `: ${outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason)}`;
}
