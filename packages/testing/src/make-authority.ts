import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A key and its certificate, PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A certificate for names and addresses, e.g. `["DNS:localhost", "IP:127.0.0.1"]`, valid for so many days; 0: it has just expired. */
  issue(names: readonly string[], days?: number): Promise<KeyAndCertificate>;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority that is not trusted yet, with `openssl`. */
export async function makeAuthority(name = "Test authority"): Promise<Authority> {
  const made = await inFolder(async (folder) => {
    const paths = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
    await run("openssl", ["req", "-x509", ...newKey, ...paths, "-days", "2", "-subj", `/CN=${name}`]);
    return readPair(folder);
  });
  return {
    certificate: made.cert,
    issue: (names, days = 2) => inFolder((folder) => issueFrom(made, { folder, names, days })),
  };
}

/** Makes a certificate that is signed by itself, for names and addresses as {@link Authority} issues them. */
export function makeSelfSigned(names: readonly string[]): Promise<KeyAndCertificate> {
  return inFolder(async (folder) => {
    const paths = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
    const subject = ["-subj", "/CN=self-signed", "-addext", `subjectAltName=${names.join(",")}`];
    await run("openssl", ["req", "-x509", ...newKey, ...paths, "-days", "2", ...subject]);
    return readPair(folder);
  });
}

interface Order {
  readonly folder: string;
  readonly names: readonly string[];
  readonly days: number;
}

async function issueFrom(authority: KeyAndCertificate, { folder, names, days }: Order): Promise<KeyAndCertificate> {
  const at = (file: string) => join(folder, file);
  await writeFile(at("ca.key"), authority.key);
  await writeFile(at("ca.cert"), authority.cert);
  await writeFile(at("extensions"), `subjectAltName=${names.join(",")}`);
  await run("openssl", ["req", ...newKey, "-keyout", at("key"), "-out", at("request"), "-subj", "/CN=issued"]);
  const signed = ["x509", "-req", "-in", at("request"), "-CA", at("ca.cert"), "-CAkey", at("ca.key"), "-out", at("cert")];
  await run("openssl", [...signed, "-extfile", at("extensions"), "-days", String(days)]);
  return readPair(folder);
}

async function readPair(folder: string): Promise<KeyAndCertificate> {
  const [key, cert] = await Promise.all([readFile(join(folder, "key"), "utf8"), readFile(join(folder, "cert"), "utf8")]);
  return { key, cert };
}

async function inFolder<Made>(make: (folder: string) => Promise<Made>): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  try {
    return await make(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
