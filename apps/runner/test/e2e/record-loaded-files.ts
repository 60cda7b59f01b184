import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

// Preloaded with `--import`: the files that a program loads, a URL a line, into $LOADED_FILES.
const path = process.env["LOADED_FILES"];

if (isMainThread && path !== undefined) {
  registerHooks({
    load(url, context, nextLoad) {
      appendFileSync(path, `${url}\n`);
      return nextLoad(url, context);
    },
  });
}
