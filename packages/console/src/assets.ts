import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file that pages refer to. */
export interface Asset {
  /** With a hash of the content: it may be kept for ever. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly compressed: Uint8Array<ArrayBuffer>;
}

export type AssetName = "style" | "script" | "morph";
export type Assets = Readonly<Record<AssetName, Asset>>;

const require = createRequire(import.meta.url);
const script = "text/javascript; charset=utf-8";

/** The files as they lie in this package and in those that it depends on: nothing is fetched from elsewhere. */
export async function readAssets(): Promise<Assets> {
  const [style, behaviour, morph] = await Promise.all([
    readAsset(own("console.css"), "console.css", "text/css; charset=utf-8"),
    readAsset(own("console.js"), "console.js", script),
    readAsset(require.resolve("idiomorph/dist/idiomorph.min.js"), "idiomorph.js", script),
  ]);
  return { style, script: behaviour, morph };
}

function own(name: string): string {
  return fileURLToPath(new URL(`../assets/${name}`, import.meta.url));
}

const compress = promisify(gzip);

async function readAsset(file: string, name: string, type: string): Promise<Asset> {
  const bytes = new Uint8Array(await readFile(file));
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return { path: `/console/assets/${hash}/${name}`, type, bytes, compressed: new Uint8Array(await compress(bytes)) };
}
