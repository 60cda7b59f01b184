import { Secret } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { Sessions } from "../src/sessions.ts";

const randomKey = new Uint8Array(32);
const peer = "127.0.0.1";
const requestWith = (cookie: string) => new Request("http://localhost/console/", { headers: { cookie } });

function openSessions() {
  const world = { token: new Secret("first"), nowMs: 1_000_000 };
  const clock = { now: () => world.nowMs };
  const checkToken = () => "wrong" as const;
  const sessions = new Sessions({ token: () => world.token, checkToken, randomKey, clock });
  const signIn = () => sessions.signIn("Ana", false).split(";")[0] ?? "";
  return { world, sessions, signIn };
}

test("a session ends after 12 hours", () => {
  const { world, sessions, signIn } = openSessions();
  const cookie = signIn();
  expect(sessions.of(requestWith(cookie), peer)).toMatchObject({ visitor: "Ana, console", isSignedIn: true });
  world.nowMs += 12 * 60 * 60_000;
  expect(sessions.of(requestWith(cookie), peer)).toBeUndefined();
});

test("a new token ends every session", () => {
  const { world, sessions, signIn } = openSessions();
  const cookie = signIn();
  world.token = new Secret("second");
  expect(sessions.of(requestWith(cookie), peer)).toBeUndefined();
  expect(sessions.of(requestWith(signIn()), peer)?.visitor).toBe("Ana, console");
});

test("another process with the same token knows the session, whose forms differ from those of others", () => {
  const [here, there] = [openSessions(), openSessions()];
  const cookie = here.signIn();
  const session = there.sessions.of(requestWith(`theme=dark; ${cookie}`), peer);
  expect(session?.formToken).toBe(here.sessions.of(requestWith(cookie), peer)?.formToken);
  here.world.nowMs += 1;
  expect(here.sessions.of(requestWith(here.signIn()), peer)?.formToken).not.toBe(session?.formToken);
});
