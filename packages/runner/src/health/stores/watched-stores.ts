import { type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { within } from "../../deadline/within.ts";
import type { Answers } from "./answers.ts";
import type { WriteHealth } from "./write-health.ts";

type Observer = Pick<WriteHealth, "wrote" | "failed">;

/** Less than the time in which a lease may be renewed twice. */
const answerWithinMs = 10_000;

/**
 * `store`, with the outcome of every write reported, and whether it answers. What every run needs fails after 10 s without an answer, because
 * a store that was passed in need not have a time-out; a checkpoint ends with its lease.
 */
export function watchedCursorStore(store: CursorStore, observer: Observer, answers: Answers, clock: Clock): CursorStore {
  const watch = watcher(observer, answers);
  // A lease that is granted later lapses by itself, and a release that arrives later is decided by its epoch.
  const bounded = <Result>(call: Promise<Result>) =>
    within({ clock, timeoutMs: answerWithinMs, reason: notAnswered }, () => call);
  const { records } = store;
  return {
    get durability() {
      return store.durability;
    },
    get certificateExpiresAtMs() {
      return store.certificateExpiresAtMs;
    },
    ...(store.livesIn === undefined ? {} : { livesIn: store.livesIn }),
    get: (source) => bounded(answers.watch(store.get(source))),
    set: (source, cursor) => watch(store.set(source, cursor), always),
    delete: (source) => watch(store.delete(source), (existed) => existed),
    list: () => answers.watch(store.list()),
    acquire: (requests, limit) =>
      bounded(watch(store.acquire(requests, limit), (results) => results.some(({ granted }) => granted))),
    renew: (leases, ttlMs) => bounded(watch(store.renew(leases, ttlMs), never)),
    checkpoint: (lease, cursor) => watch(store.checkpoint(lease, cursor), (stored) => stored),
    release: (lease, outcome) => bounded(watch(store.release(lease, outcome), (released) => released)),
    ...(records === undefined
      ? {}
      : {
          records: {
            get: (scope, key) => answers.watch(records.get(scope, key)),
            list: (scope, query) => answers.watch(records.list(scope, query)),
            scopes: (query) => answers.watch(records.scopes(query)),
            // Records may be stored elsewhere than cursors, so their success proves nothing.
            compareAndSet: (write) => watch(records.compareAndSet(write), never),
          },
        }),
    ...(store.backup === undefined ? {} : { backup: (folder: string) => store.backup!(folder) }),
    close: () => store.close(),
  };
}

/** `inbox`, with the outcome of its writes reported, and whether it answers. Settlements are not reported: the engine retries them itself. */
export function watchedInbox(inbox: Inbox, observer: Observer, answers: Answers): Inbox {
  const watch = watcher(observer, answers);
  return {
    get durability() {
      return inbox.durability;
    },
    get certificateExpiresAtMs() {
      return inbox.certificateExpiresAtMs;
    },
    // A duplicate is answered without a write.
    accept: (item) => watch(inbox.accept(item), (outcome) => outcome === "fresh"),
    consume: (handler, options) => inbox.consume(handler, options),
    buryEpisode: (source, episode, reason) => watch(inbox.buryEpisode(source, episode, reason), never),
    buryFailedItem: (item, reason) => watch(inbox.buryFailedItem(item, reason), never),
    listDeadLetters: (query) => answers.watch(inbox.listDeadLetters(query)),
    getDeadLetter: (key) => answers.watch(inbox.getDeadLetter(key)),
    retryDeadLetters: (keys) => watch(inbox.retryDeadLetters(keys), (count) => count > 0),
    discardDeadLetters: (keys) => watch(inbox.discardDeadLetters(keys), never),
    ...(inbox.discardQueued === undefined
      ? {}
      : { discardQueued: (keys: readonly string[]) => watch(inbox.discardQueued?.(keys) ?? Promise.resolve(0), never) }),
    stats: () => answers.watch(inbox.stats()),
    ...(inbox.view === undefined ? {} : { view: inbox.view }),
    ...(inbox.probeWrite === undefined ? {} : { probeWrite: () => inbox.probeWrite!() }),
    ...(inbox.backup === undefined ? {} : { backup: (folder: string) => inbox.backup!(folder) }),
    close: () => inbox.close(),
  };
}

/** Reports how a write ends; `hasWritten` decides by its result whether anything was stored. */
function watcher(observer: Observer, answers: Answers) {
  const failed = (error: unknown) => {
    observer.failed(error);
    answers.failed(error);
  };
  // Not `answers.watch`: for each webhook one callback is enough.
  return <Result>(write: Promise<Result>, hasWritten: (result: Result) => boolean): Promise<Result> => {
    answers.requested();
    write.then((result) => {
      if (hasWritten(result)) observer.wrote();
      answers.answered();
    }, failed);
    return write;
  };
}

function notAnswered(): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_UNAVAILABLE",
    message: `the cursor store has not answered within ${answerWithinMs / 1000} s`,
    hint: "check that the server of the state answers, and give a pool that is passed in a time-out",
    retryable: true,
  });
}

const always = () => true;
const never = () => false;
