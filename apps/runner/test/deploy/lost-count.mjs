// Loaded before the program: writes a defect into its source, which loses count of the episodes that were delivered.
import { registerHooks } from "node:module";

const sound = "account.add(page, { delivered, ";
const defective = "account.add(page, { delivered: delivered - 1, ";

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith("/packages/runner/src/pages/deliver-pages.ts")) return loaded;
    const source = Buffer.from(/** @type {Uint8Array} */ (loaded.source)).toString();
    if (!source.includes(sound)) throw new Error(`${url} does not hold: ${sound}`);
    return { ...loaded, source: source.replace(sound, defective) };
  },
});
