// The JavaScript of a package: one file for each entry, and one for what the same of them share.
//
// A file costs about 0.3 ms of every start to find, read and link, whatever its size, and the packages have 600 of them. Nothing is
// minified or left out, and packages stay imports, so that each is loaded once.
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";

/** @typedef {{ readonly default?: string }} Conditions */

/**
 * Writes it to the package's `dist/`. Files that are right already are not touched: a program that starts meanwhile finds them whole.
 *
 * With `sharesOneFile`, all that several entries share is one file: for a package whose entries a program mostly loads together.
 *
 * @param {string} folder
 * @param {{ readonly sharesOneFile?: boolean }} [options]
 */
export async function bundlePackage(folder, { sharesOneFile = false } = {}) {
  const { exports = {}, bin = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = [...Object.values(exports), ...Object.values(bin)].flatMap((/** @type {string | Conditions} */ entry) => {
    const file = typeof entry === "string" ? entry : entry.default;
    return file?.startsWith("./dist/") === true ? [file] : [];
  });
  if (entries.length === 0) return;
  const bundle = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map((file) => [relative("dist", file).replace(/\.js$/, ""), sourceOf(file)])),
    external: (id) => !/^[./]/.test(id),
    platform: "node",
    treeshake: false,
  });
  const generated = await bundle.generate({
    dir: "dist",
    format: "esm",
    sourcemap: true,
    // They stand in the declarations; a program would hold them in memory.
    comments: { jsdoc: false },
    entryFileNames: "[name].js",
    // Beside the entries: some files look for others from where they are.
    chunkFileNames: "[name]-[hash].js",
    ...(sharesOneFile && { codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] } }),
  });
  await bundle.close();
  const output = withoutEmptyRuntime(generated.output);
  for (const file of output) {
    writeIfOther(join(folder, "dist", file.fileName), file.type === "chunk" ? inLatin1(file.code) : file.source);
  }
  const names = new Set(output.map(({ fileName }) => join("dist", fileName)));
  for (const stale of globSync("dist/**/*.{js,js.map}", { cwd: folder })) if (!names.has(stale)) rmSync(join(folder, stale));
}

/**
 * With one character beyond Latin-1, V8 holds a whole file in two bytes a character. The escapes mean the same in strings, templates and
 * expressions; only behind one are the columns of the source map too small.
 *
 * @param {string} code
 */
function inLatin1(code) {
  return code.replaceAll(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Where no file needs the bundler's helpers, it still writes a file for them, which every other one imports: it would be loaded once a package.
 * The lines stay, so that the source maps are right.
 *
 * @param {readonly (import("rolldown").OutputChunk | import("rolldown").OutputAsset)[]} output
 */
function withoutEmptyRuntime(output) {
  const runtime = output.find((file) => file.type === "chunk" && file.name === "rolldown-runtime");
  if (runtime?.type !== "chunk" || runtime.exports.length > 0) return output;
  const importing = new RegExp(`^import "(?:\\.{1,2}/)+${runtime.fileName.replaceAll(".", "\\.")}";$`, "m");
  return output
    .filter(({ fileName }) => !fileName.startsWith(runtime.fileName))
    .map((file) => (file.type === "chunk" ? { ...file, code: file.code.replace(importing, "") } : file));
}

/**
 * @param {string} path
 * @param {string | Uint8Array} content
 */
function writeIfOther(path, content) {
  const bytes = Buffer.from(content);
  if (readIfThere(path)?.equals(bytes) === true) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function sourceOf(file) {
  return file.replace("./dist/", "./src/").replace(/\.js$/, ".ts");
}
