import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Refusal } from "../../src/index.ts";
import { hmac, standardWebhooks, verifier } from "../../src/signature/index.ts";
import { type Sender, senders } from "./signing-senders.ts";

const nowMs = 1_700_000_000_000;
const body = '{"n":1,"s":"é☃"}';

interface Change {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
  readonly sentAtMs?: number;
  readonly secrets?: readonly string[];
}

/** What becomes of a sound request of the sender after the change. */
function judge(sender: Sender, change: Change = {}): Refusal["reason"] | "admitted" {
  return verdict(sender, change)?.reason ?? "admitted";
}

function verdict(sender: Sender, change: Change = {}): Refusal | undefined {
  const verify = verifier(sender.signature, change.secrets ?? [sender.secret]);
  const sent = change.body ?? body;
  return verify({
    method: "POST",
    path: "/",
    headers: { ...sender.send(body, change.sentAtMs ?? nowMs), ...change.headers },
    body: typeof sent === "string" ? new TextEncoder().encode(sent) : sent,
    receivedAtMs: nowMs,
  });
}

const proof = (sender: Sender, change: (sound: string) => string): Change => {
  const sound = sender.send(body, nowMs)[sender.header] ?? "";
  return { headers: { [sender.header]: change(sound) } };
};

const signing = senders.filter(({ covers }) => covers === "request");
const timed = senders.flatMap((sender) =>
  sender.toleranceSeconds === undefined ? [] : [{ ...sender, toleranceSeconds: sender.toleranceSeconds }],
);

describe.each(senders)("$name", (sender) => {
  test("admits a sound request, and the same once more", () => {
    expect([judge(sender), judge(sender)]).toEqual(["admitted", "admitted"]);
  });

  test("admits the old and the new secret, and no other", () => {
    const other =
      sender.signature.scheme === "standardWebhooks" ? `whsec_${Buffer.from("another key").toString("base64")}` : "00".repeat(32);
    expect(judge(sender, { secrets: [other, sender.secret] })).toBe("admitted");
    expect(judge(sender, { secrets: [sender.secret, other] })).toBe("admitted");
    expect(judge(sender, { secrets: [other] })).not.toBe("admitted");
    for (const none of [[], [""]]) expect(judge(sender, { secrets: none })).toMatch(/^signature_(malformed|invalid)$/);
  });

  test("misses what is not sent", () => {
    for (const header of Object.keys(sender.send(body, nowMs))) {
      expect(judge(sender, { headers: { [header]: undefined } })).toBe("signature_missing");
    }
  });

  test.each([
    ["nothing", () => ""],
    ["a space", () => " "],
    ["half of it", (sound: string) => sound.slice(0, sound.length / 2)],
    ["all but the last character", (sound: string) => sound.slice(0, -1)],
    ["one character more", (sound: string) => `${sound}0`],
    ["a NUL behind it", (sound: string) => `${sound}\0`],
    ["another first character", (sound: string) => `${sound.startsWith("x") ? "y" : "x"}${sound.slice(1)}`],
    ["a lookalike outside ASCII", (sound: string) => `${sound.slice(0, -1)}\u00e9`],
    ["characters of three bytes", (sound: string) => "\u20ac".repeat(sound.length)],
    ["a megabyte", () => "a".repeat(1_000_000)],
    ["a megabyte of separators", () => ",= ".repeat(350_000)],
    ["a megabyte behind it", (sound: string) => `${sound},${"v1=0,".repeat(200_000)}`],
  ])("refuses %s in place of the proof", (_, change) => {
    expect(judge(sender, proof(sender, change))).toMatch(/^signature_(malformed|invalid)$/);
  });

  test("takes one sound proof of several only where the provider sends several", () => {
    const several =
      sender.signature.scheme === "standardWebhooks" || ("list" in sender.signature && sender.signature.list !== undefined);
    const expected = several ? /^admitted$/ : /^signature_(malformed|invalid)$/;
    // As node:http joins a header that came twice.
    for (const other of ["nonsense", sender.send(body, nowMs)[sender.header], sender.send("{}", nowMs)[sender.header]]) {
      expect(
        judge(
          sender,
          proof(sender, (sound) => `${other}, ${sound}`),
        ),
      ).toMatch(expected);
    }
  });

  test("reads upper and lower case as the scheme says", () => {
    const [prefix = "", rest = ""] = /^([A-Za-z]+ )?(.*)$/.exec(sender.send(body, nowMs)[sender.header] ?? "")?.slice(1) ?? [];
    const { ignoresCaseOf } = sender;
    const inOtherCase = (text: string) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());
    const otherPrefix = judge(sender, { headers: { [sender.header]: inOtherCase(prefix) + rest } });
    expect(otherPrefix === "admitted").toBe(prefix === "" || ignoresCaseOf === "prefix");
    const digits = /[0-9a-f]{40,}$/;
    const inUpperCase = prefix + (digits.test(rest) ? rest.replace(digits, (hex) => hex.toUpperCase()) : inOtherCase(rest));
    expect(judge(sender, { headers: { [sender.header]: inUpperCase } }) === "admitted").toBe(ignoresCaseOf === "proof");
  });
});

describe.each(signing)("$name", (sender) => {
  test.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["one byte more", `${body} `],
    ["one byte less", body.slice(0, -1)],
    ["the same JSON in another spelling", JSON.stringify(JSON.parse(body)).replace("\u00e9", "\\u00e9")],
    ["a byte order mark in front", `\ufeff${body}`],
    ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xfe)],
    ["ten megabytes", new Uint8Array(10_000_000)],
  ])("refuses a body of %s", (_, changed) => {
    expect(judge(sender, { body: changed })).toBe("signature_invalid");
  });

  test("refuses a proof of another provider's form", () => {
    for (const other of signing) {
      if (other.name === sender.name) continue;
      const [stolen] = Object.values(other.send(body, nowMs)).slice(-1);
      expect(
        judge(
          sender,
          proof(sender, () => stolen ?? ""),
        ),
      ).toMatch(/^signature_(malformed|invalid)$/);
    }
  });
});

describe.each(timed)("$name", (sender) => {
  const edgeMs = sender.toleranceSeconds * 1_000;

  test.each([1, -1])("admits what was sent up to the tolerance from now, and nothing beyond (%i)", (direction) => {
    expect(judge(sender, { sentAtMs: nowMs - direction * edgeMs })).toBe("admitted");
    for (const offMs of [edgeMs + 1_000, 86_400_000, 1_600_000_000_000]) {
      const sentAtMs = nowMs - direction * offMs;
      expect(verdict(sender, { sentAtMs })).toMatchObject({
        reason: "timestamp_stale",
        skewMs: direction * offMs,
      });
    }
  });

  test("believes the time only of a genuine sender", () => {
    expect(judge(sender, { sentAtMs: nowMs - 86_400_000, body: "{}" })).toBe("signature_invalid");
  });

  test("refuses an old request under a new time", () => {
    const old = sender.send(body, nowMs - 86_400_000);
    const fresh = sender.send(body, nowMs);
    const time = Object.keys(fresh).find((name) => /time/.test(name));
    const headers =
      time === undefined
        ? { [sender.header]: (old[sender.header] ?? "").replace(/t=\d+/, `t=${nowMs / 1_000}`) }
        : { ...old, [time]: fresh[time] };
    expect(judge(sender, { headers })).toBe("signature_invalid");
  });
});

describe("a signed time", () => {
  const signed = (time: string, unit: "s" | "ms" | "iso") => {
    const signature = hmac({
      header: "x-sig",
      algorithm: "sha256",
      timestamp: { header: "x-time", unit, toleranceSeconds: 300 },
      signed: "{timestamp}.{body}",
      secretOption: "secret",
    });
    const headers = {
      "x-time": time,
      "x-sig": createHmac("sha256", "s").update(`${time}.`, "latin1").update("{}").digest("hex"),
    };
    const request = { method: "POST", path: "/", headers, body: Buffer.from("{}"), receivedAtMs: nowMs };
    return verifier(signature, "s")(request)?.reason ?? "admitted";
  };

  test.each([
    ["s", "1700000000"],
    ["s", "001700000000"],
    ["ms", "1700000000000"],
    ["iso", "2023-11-14T22:13:20Z"],
    ["iso", "2023-11-14T22:13:20.123456789Z"],
    ["iso", "2023-11-15T00:13:20+02:00"],
    ["iso", "2023-11-14T17:13:20-05:00"],
  ] as const)("in %s may be %s", (unit, time) => {
    expect(signed(time, unit)).toBe("admitted");
  });

  test.each([
    ["s", ""],
    ["s", "now"],
    ["s", " 1700000000"],
    ["s", "+1700000000"],
    ["s", "-1700000000"],
    ["s", "1.7e9"],
    ["s", "1700000000.5"],
    ["s", "0x6553f100"],
    ["s", "1700000000, 1700000000"],
    ["s", "\u0661700000000"],
    ["ms", "1700000000000.0"],
    ["ms", "9".repeat(16)],
    ["iso", "2023-11-14 22:13:20Z"],
    ["iso", "2023-11-14T22:13:20"],
    ["iso", "2023-11-14"],
    ["iso", "2023-13-45T22:13:20Z"],
    ["iso", "1700000000"],
    ["iso", "Tue, 14 Nov 2023 22:13:20 GMT"],
    ["iso", "2023-11-14T22:13:20.1234567890Z"],
  ] as const)("in %s may not be %s", (unit, time) => {
    expect(signed(time, unit)).toBe("signature_malformed");
  });

  test.each(["s", "ms", "iso"] as const)("in %s may not be a million digits", (unit) => {
    expect(signed("1".repeat(1_000_000), unit)).toBe("signature_malformed");
  });

  test.each([
    ["s", "1700000000000"],
    ["ms", "1700000000"],
  ] as const)("in %s is stale when it is written in the other unit: %s", (unit, time) => {
    expect(signed(time, unit)).toMatch(/^(timestamp_stale|signature_malformed)$/);
  });
});

test("refuses a request whose id, time and body are cut in another place than they were signed", () => {
  const key = Buffer.from("0123456789abcdef0123456789abcdef");
  const time = String(nowMs / 1_000);
  const proved = createHmac("sha256", key).update(`msg_1.${time}.${time}.{}`).digest("base64");
  const verify = verifier(standardWebhooks({ secretOption: "secret" }), key.toString("base64"));
  const request = (id: string, sent: string) =>
    verify({
      method: "POST",
      path: "/",
      headers: { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": `v1,${proved}` },
      body: Buffer.from(sent),
      receivedAtMs: nowMs,
    })?.reason ?? "admitted";
  expect(request("msg_1", `${time}.{}`)).toBe("admitted");
  expect(request(`msg_1.${time}`, "{}")).toBe("signature_malformed");
});

test("no refusal holds a secret or a sound proof", () => {
  for (const sender of senders) {
    const sound = sender.send(body, nowMs)[sender.header] ?? "";
    for (const change of [proof(sender, () => "x"), { headers: { [sender.header]: undefined } }, { body: "{}" }]) {
      const text = JSON.stringify(verdict(sender, change) ?? {});
      expect(text).not.toContain(sender.secret);
      expect(text).not.toContain(sound);
    }
  }
});

test("a refusal of user and password says that they must be sent", () => {
  const sender = senders.find(({ signature }) => signature.scheme === "basic");
  expect(verdict(sender!, { headers: { authorization: undefined } })).toMatchObject({
    challenge: expect.stringMatching(/^Basic realm=/) as string,
  });
});
