import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test } from "vitest";
import { verifiedSender } from "../src/index.ts";
import { headersOf } from "./raw-mail.ts";

const pieces = ["example.com", '"@', "a=", "(", ")", '"', "\\", "@", "=", ".", "/", "a", "<", ">", ","];

/** What a sender chooses of a mail that its own servers sign. None of it holds white space or a semicolon, which end a name and a tag. */
interface Chosen {
  readonly domain: string;
  readonly selector: string;
  readonly bounce: string;
  /** How its servers greet, and who signs. */
  readonly greeting: string;
}

/** The results of servers that write names as they stand, quote the local part of an address, and explain themselves in comments. */
const servers: readonly ((chosen: Chosen & { readonly address: string }) => readonly string[])[] = [
  ({ domain, selector, greeting, address }) => [
    `dkim=pass (2048-bit rsa key sha256) header.d=${domain} header.i=${greeting}@${domain} header.s=${selector} header.b=uFQ`,
    `spf=pass (mx.example.net: ok) smtp.helo=${greeting}.${domain} smtp.mailfrom=${address}`,
    "dmarc=none (p=none) header.from=example.com",
  ],
  ({ domain, selector, address }) => [
    `spf=pass (mx.example.net: domain of ${address} designates 192.0.2.1 as permitted sender) smtp.mailfrom=${address}`,
    `dkim=pass header.i=@${domain} header.s=${selector} header.b=aB/c+d==`,
    "dmarc=none header.from=example.com",
  ],
  ({ domain, selector, greeting, address }) => [
    "dmarc=none header.from=example.com",
    `iprev=pass policy.iprev=192.0.2.1 (${greeting}.${domain})`,
    `dkim=fail reason="signature of ${domain.replaceAll(/["\\]/g, "\\$&")}" header.d=${domain} header.s=${selector}`,
    `spf=pass smtp.mailfrom=${address}`,
  ],
];

function resultsFor(chosen: Chosen, server: (typeof servers)[number]): string {
  const address = `"${chosen.bounce.replaceAll(/["\\]/g, "\\$&")}"@${chosen.domain}`;
  return `Authentication-Results: mx.example.net; ${server({ ...chosen, address }).join("; ")}`;
}

const verify = (chosen: Chosen, server: (typeof servers)[number]) =>
  verifiedSender(headersOf(resultsFor(chosen, server), "From: Ann Lee <ann@example.com>"), "mx.example.net");

test("what a sender chooses of its own domain, selector and address never verifies it as another", () => {
  const own = { domain: "example.com", selector: "s1", bounce: "b", greeting: "mail" };
  expect(servers.map((server) => verify(own, server)?.verifiedBy)).toEqual(["dkim", "dkim", "spf"]);
  const random = seededRandom(12);
  const text = () =>
    Array.from({ length: 1 + Math.floor(random() * 6) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
  const maybe = (one: string) => (random() < 0.5 ? one : text());
  for (let count = 0; count < 5_000; count += 1) {
    const domain = `${maybe("example.com")}${maybe("")}.evil.example`;
    const bounce = `${maybe("")}; dkim=pass header.d=example.com; ${maybe("")}`;
    const chosen = { domain, selector: maybe("s"), bounce, greeting: maybe("mail") };
    const verified = servers.map((server) => verify(chosen, server));
    expect({ chosen, verified }).toEqual({ chosen, verified: [undefined, undefined, undefined] });
  }
});
