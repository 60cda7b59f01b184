// Writes the JavaScript of the package in the working directory to its dist/: one file for each entry, and one for what some of them share.
//
//   tsc -p . --emitDeclarationOnly && node ../../scripts/bundle-dist.mjs
//
// A file costs about 0.3 ms of every start to find, read and link, whatever its size, and the packages have 600 of them. Nothing is
// minified or left out, and packages stay imports, so that each is loaded once.
import { globSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { rolldown } from "rolldown";

/** @typedef {{ readonly default?: string }} Conditions */

const { exports = {}, bin = {} } = JSON.parse(readFileSync("package.json", "utf8"));
const written = [...Object.values(exports), ...Object.values(bin)].flatMap((/** @type {string | Conditions} */ entry) => {
  const file = typeof entry === "string" ? entry : entry.default;
  return file?.startsWith("./dist/") === true ? [file] : [];
});

for (const stale of globSync("dist/**/*.{js,js.map}")) rmSync(stale);

const bundle = await rolldown({
  input: Object.fromEntries(written.map((file) => [relative("dist", file).replace(/\.js$/, ""), sourceOf(file)])),
  external: (id) => !/^[./]/.test(id),
  platform: "node",
  treeshake: false,
});
await bundle.write({
  dir: "dist",
  format: "esm",
  sourcemap: true,
  entryFileNames: "[name].js",
  // Beside the entries: some files look for others from where they are.
  chunkFileNames: "[name]-[hash].js",
});

/** @param {string} file */
function sourceOf(file) {
  return file.replace("./dist/", "./src/").replace(/\.js$/, ".ts");
}
