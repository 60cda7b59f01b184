import { describe } from "vitest";

const variables = { postgres: "TEST_POSTGRES_URL", redis: "TEST_REDIS_URL" } as const;

/**
 * Registers tests that need a real server, whose URL comes from `TEST_POSTGRES_URL` or `TEST_REDIS_URL`: from nowhere else, so that no
 * test touches a server that was not meant. Without it they are skipped and say so; with CI=true that is an error.
 *
 * @param tests Registers them. It runs even when they are skipped, then with a URL that leads nowhere: connect in hooks and tests only.
 */
export function describeWithService(service: keyof typeof variables, title: string, tests: (url: string) => void): void {
  const variable = variables[service];
  const url = process.env[variable] ?? "";
  if (url === "" && process.env["CI"] === "true") throw new Error(`${variable} is not set: "${title}" cannot be tested`);
  describe.skipIf(url === "")(url === "" ? `${title} (skipped: ${variable} is not set)` : title, () => {
    tests(url === "" ? `${service}://skipped.invalid` : url);
  });
}
