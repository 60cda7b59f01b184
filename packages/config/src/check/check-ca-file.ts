import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ProblemList } from "./problems.ts";

const at = ["runner", "http", "ca_file"];
const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";
/** A bundle of all public authorities has a quarter of it. */
const maxBytes = 1024 * 1024;

/** A file of authorities that cannot be used would make every request fail later. */
export async function checkCaFile(path: string | undefined, baseDir: string, problems: ProblemList): Promise<void> {
  if (path === undefined) return;
  const full = resolve(baseDir, path);
  const fault = await faultOf(full);
  if (fault !== undefined)
    problems.add(at, `${full} ${fault}`, "name a file with certificates in PEM form, which begin with BEGIN CERTIFICATE");
}

async function faultOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    return size > maxBytes ? `is larger than ${maxBytes} bytes` : faultIn(await readFile(path, "utf8"));
  } catch (error) {
    return `cannot be read: ${error instanceof Error && "code" in error ? String(error.code) : "unknown error"}`;
  }
}

function faultIn(text: string): string | undefined {
  const blocks = text.split(begin).slice(1);
  if (blocks.length === 0) return "holds no certificate in PEM form";
  const broken = blocks.findIndex((block) => !isCertificate(`${begin}${block.split(end, 1)[0] ?? ""}${end}`));
  return broken === -1 ? undefined : `holds a certificate that cannot be read, number ${broken + 1} of ${blocks.length}`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== "";
  } catch {
    return false;
  }
}
