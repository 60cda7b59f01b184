import type { HelpDesk } from "./help-desk.ts";

/** How much happens in a desk. */
export interface BusyDesk {
  readonly tickets: number;
  /** Behind the description of each ticket. */
  readonly commentsPerTicket: number;
  /** So many tickets are solved: every n-th. */
  readonly solvedEvery?: number;
  /** One requester for so many tickets. */
  readonly ticketsPerRequester?: number;
  /** Characters of each comment. */
  readonly length?: number;
  /** Between the beginnings of two tickets. */
  readonly everySeconds?: number;
  /** Between two steps of one ticket. */
  readonly stepSeconds?: number;
  readonly since?: Date;
}

/** Fills a desk; answers how many episodes it proves. */
export function fillDesk(desk: HelpDesk, busy: BusyDesk): number {
  const { tickets, commentsPerTicket, solvedEvery = 2, ticketsPerRequester = 3, length = 200 } = busy;
  const { everySeconds = 60, stepSeconds = 3_600, since = new Date("2025-01-01T00:00:00Z") } = busy;
  let episodes = 0;
  let requester = desk.customer;
  for (let number = 0; number < tickets; number += 1) {
    if (number % ticketsPerRequester === 0) requester = desk.addUser(`Customer ${number}`);
    const at = (step: number) => new Date(since.getTime() + (number * everySeconds + step * stepSeconds) * 1_000);
    const words = (step: number) => `marker-${number}-${step} ${"words ".repeat(length / 6)}`.trim();
    const ticket = desk.open({ requester, subject: `Subject ${number}`, description: words(0), at: at(0) });
    for (let step = 1; step <= commentsPerTicket; step += 1) {
      desk.comment(ticket, { by: step % 2 === 0 ? requester : desk.agent, body: words(step), at: at(step) });
    }
    const isSolved = number % solvedEvery === 0;
    if (isSolved) desk.move(ticket, "solved", { at: at(commentsPerTicket + 1) });
    episodes += 1 + commentsPerTicket + (isSolved ? 1 : 0);
  }
  return episodes;
}
