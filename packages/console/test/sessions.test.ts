import { Secret } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { Sessions } from "../src/sessions.ts";

const randomKey = new Uint8Array(32);
const requestWith = (cookie: string) => new Request("http://localhost/console/", { headers: { cookie } });

function openSessions() {
  const world = { token: new Secret("first"), nowMs: 1_000_000 };
  const clock = { now: () => world.nowMs };
  const sessions = new Sessions({ token: () => world.token, randomKey, clock });
  const signIn = (token: string) => sessions.signIn(token, "Ana", false)?.split(";")[0] ?? "";
  return { world, sessions, signIn };
}

test("a session ends after 12 hours", () => {
  const { world, sessions, signIn } = openSessions();
  const cookie = signIn("first");
  expect(sessions.of(requestWith(cookie))).toMatchObject({ visitor: "Ana, console", isSignedIn: true });
  world.nowMs += 12 * 60 * 60_000;
  expect(sessions.of(requestWith(cookie))).toBeUndefined();
});

test("a new token ends every session", () => {
  const { world, sessions, signIn } = openSessions();
  const cookie = signIn("first");
  world.token = new Secret("second");
  expect(sessions.of(requestWith(cookie))).toBeUndefined();
  expect([signIn("first"), sessions.of(requestWith(signIn("second")))?.visitor]).toEqual(["", "Ana, console"]);
});

test("another process with the same token knows the session, whose forms differ from those of others", () => {
  const [here, there] = [openSessions(), openSessions()];
  const cookie = here.signIn("first");
  const session = there.sessions.of(requestWith(`theme=dark; ${cookie}`));
  expect(session?.formToken).toBe(here.sessions.of(requestWith(cookie))?.formToken);
  here.world.nowMs += 1;
  expect(here.sessions.of(requestWith(here.signIn("first")))?.formToken).not.toBe(session?.formToken);
});
