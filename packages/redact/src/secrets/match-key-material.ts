import { isWordStart } from "../boundary.ts";
import type { Matcher } from "../scan.ts";
import { keyEnd } from "./key-body.ts";
import { secretsRule } from "./secrets-rule.ts";

/** How the bytes of a private key begin in base64: RSA, PKCS #8, PKCS #12, elliptic curves, Ed25519, OpenSSH. A certificate or a public key begins otherwise. */
const beginning =
  /^(?:MII[\w+/]{3}IB(?:AAK[BC]|ADA|AzC)|MII[\w+/]{7}gkqhkiG9w0BBQ|MHcCAQEEI|MIGkAgEBBD|MIHcAgEBBE|MI(?:GH|G2|Hu)AgEAMB[AM]GByqGSM49|MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)/;
const longestBeginning = 32;
/** PEM that was encoded once more, as in a kubeconfig. */
const encodedPem = "LS0tLS1CRUdJTi";
const decoded = 64;
const leastKey = 48;

/** Finds the bytes of a private key that has lost its header. */
export const keyMaterialMatcher: Matcher = {
  starts: [
    ["M", "IHC", "IGHc4"],
    ["b", "3", "B"],
    ["L", "S", "0"],
  ],
  match(scan, at) {
    const { text } = scan;
    scan.steps += longestBeginning;
    if (!isWordStart(text, at)) return undefined;
    const isKey = text[at] === "L" ? isEncodedKey(text, at) : beginning.test(text.slice(at, at + longestBeginning));
    if (!isKey) return undefined;
    const end = keyEnd(scan, at);
    return end - at < leastKey ? undefined : { start: at, end, rule: secretsRule };
  },
};

function isEncodedKey(text: string, at: number): boolean {
  if (!text.startsWith(encodedPem, at)) return false;
  return Buffer.from(text.slice(at, at + decoded), "base64")
    .toString("latin1")
    .includes("PRIVATE KEY");
}
