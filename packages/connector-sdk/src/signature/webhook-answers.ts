import { type ReceiverResponse, refuse, type Respond } from "../contract/receiver.ts";

/** Providers' challenges have some hundred characters; a longer one is not echoed. */
const maxChallengeLength = 1_024;

/**
 * 200 with the challenge as plain text that no browser takes for a page, because the text is the sender's; 400 for anything that is no
 * challenge.
 */
export function answerChallenge(challenge: unknown): Respond {
  if (typeof challenge !== "string" || challenge === "" || challenge.length > maxChallengeLength) {
    return refuse(400, "invalid_challenge");
  }
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return { type: "respond", response: { status: 200, headers, body: challenge } };
}

/**
 * Answers a genuine delivery that is not stored.
 *
 * @param ignored Why, one of a few words like `ping` or `not_wanted`.
 * @param response Default 200 without a body.
 */
export function ignore(ignored: string, response: ReceiverResponse = { status: 200 }): Respond {
  return { type: "respond", response, ignored };
}
