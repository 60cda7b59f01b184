import { registerHooks } from "node:module";

// Preloaded with `--import`: sends this process $SIGNAL_AT_LOAD when it begins to load its commands.
registerHooks({
  load(url, context, nextLoad) {
    if (url.endsWith("/cli/src/program.ts")) process.kill(process.pid, process.env["SIGNAL_AT_LOAD"]);
    return nextLoad(url, context);
  },
});
