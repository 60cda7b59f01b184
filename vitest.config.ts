import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/vitest/longest-first.ts";

// Packages are read from src, so that no build has to come before a test.
const source = "@statewave-connectors/source";
const conditions = [source, "module", "node", "default"];

/** Several processes on one store, and what takes long by its nature. `npm test` leaves them out; `npm run test:long` runs them. */
const long = ["apps/runner/test/e2e/several-processes/**/*.test.ts", "{packages,apps,bench}/*/test/**/*.long.test.ts"];
/** What needs programs of other houses, such as Helm, and builds them first. `npm run test:deploy` runs them. */
const deploy = ["apps/runner/test/deploy/*.deploy.test.ts"];
const globalSetup = ["scripts/vitest/bundle-programs.mjs", "scripts/test-services/vitest-setup.mjs"];

// pnpm starts vitest with a path on which every package of the workspace is found, also those that a package does not declare.
delete process.env["NODE_PATH"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // On two cores vitest would run one file at a time, and many files wait for real servers and processes most of the time.
    maxWorkers: 4,
    // Files share processes and loaded modules: a process and its imports cost 1 s a file, and there are hundreds.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Limits for what hangs, not measures of the machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    setupFiles: ["scripts/vitest/patient-wait-for.ts", "scripts/vitest/forget-secrets.ts"],
    // For what a test lets Node resolve itself: worker threads, import.meta.resolve.
    execArgv: [`--conditions=${source}`],
    projects: [
      {
        extends: true,
        test: {
          name: "short",
          include: ["{packages,apps,bench}/*/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...long, ...deploy],
          globalSetup,
        },
      },
      { extends: true, test: { name: "long", include: long, globalSetup } },
      { extends: true, test: { name: "deploy", include: deploy, globalSetup } },
    ],
  },
});
