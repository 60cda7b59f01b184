import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer, wireLimitBytes } from "@statewave-connectors/connector-sdk/receive";
import { BodyBudget } from "./body-budget.ts";
import { MisroutedWebhooks, type MisroutedWebhooksOptions } from "./misrouted-webhooks.ts";
import { pathOf, type Exchange, type Route } from "./route.ts";
import { type Mount, webhookRoute, type WebhookContext } from "./webhook-route.ts";

export interface WebhookMountsOptions extends Omit<WebhookContext, "budget">, MisroutedWebhooksOptions {
  /** See `HttpServerOptions`. */
  readonly bodyBudgetBytes?: number;
  /** See `HttpServerOptions`. */
  readonly hideMounts: boolean;
  readonly basePath?: string;
  readonly onNotFound?: () => void;
}

const mebibyte = 1024 * 1024;
const smallestBudgetBytes = 64 * mebibyte;
const maxLoggedPathLength = 200;
/** At most so many paths are listed: with a thousand mounts each stray request would otherwise be answered with 30 kB. */
const maxListedMounts = 50;
const formType = "application/x-www-form-urlencoded";

/** The routes of the webhook port: receivers, which a reload replaces, and others, which nothing is mounted over. */
export class WebhookMounts {
  readonly #options: WebhookMountsOptions;
  readonly #others: ReadonlyMap<string, Route>;
  readonly #budget: BodyBudget;
  readonly #misrouted: MisroutedWebhooks;
  #mounted: ReadonlyMap<Mount, Route> = new Map();
  #routes: ReadonlyMap<string, Route> = new Map();
  #notFound: ReceiverResponse;

  constructor(options: WebhookMountsOptions, others: ReadonlyMap<string, Route>) {
    this.#options = options;
    this.#others = others;
    this.#budget = new BodyBudget(options.bodyBudgetBytes ?? smallestBudgetBytes);
    this.#misrouted = new MisroutedWebhooks(options);
    this.#notFound = notFoundAnswer([], options);
  }

  /** Bytes of bodies held at this moment. */
  get bodyBytesInFlight(): number {
    return this.#budget.usedBytes;
  }

  /**
   * Mounts these and no others, at once: a request finds either the former receiver or the new one. A mount that is there already stays as it is,
   * and a request that is under way ends with the receiver that it found.
   */
  mount(mounts: readonly Mount[]): void {
    const context = { ...this.#options, budget: this.#budget };
    if (this.#options.bodyBudgetBytes === undefined) this.#budget.raiseTo(largestBody(mounts, this.#options));
    this.#mounted = new Map(mounts.map((mount) => [mount, this.#mounted.get(mount) ?? webhookRoute(mount, context)]));
    this.#routes = new Map([...this.#mounted].map(([{ path }, route]) => [path, route]));
    this.#misrouted.mounted(mounts.map(({ path }) => path));
    this.#notFound = notFoundAnswer(mounts, this.#options);
  }

  get(path: string): Route | undefined {
    return this.#others.get(path) ?? this.#routes.get(path);
  }

  /** The answer to a request for a path where nothing is mounted. */
  notFound({ method, target }: Exchange): ReceiverResponse {
    const { onNotFound, logger } = this.#options;
    onNotFound?.();
    const path = pathOf(target);
    this.#misrouted.notFound(method, path);
    logger.debug("nothing is mounted at this path", { method, path: path.slice(0, maxLoggedPathLength) });
    return this.#notFound;
  }
}

/** On the wire, where it is a form. */
function largestBody(mounts: readonly Mount[], { maxBodyBytes }: WebhookMountsOptions): number {
  const largest = mounts.map((mount) => wireLimitBytes(mount.receiver, mount.maxBodyBytes ?? maxBodyBytes, formType));
  return largest.reduce((left, right) => Math.max(left, right), 0);
}

function notFoundAnswer(mounts: readonly Mount[], { hideMounts, basePath = "" }: WebhookMountsOptions): ReceiverResponse {
  if (hideMounts) return jsonAnswer(404, { error: "not_found" });
  const listed = mounts.slice(0, maxListedMounts).map(({ path }) => basePath + path);
  if (mounts.length > listed.length) listed.push(`and ${mounts.length - listed.length} more`);
  return jsonAnswer(404, { error: "not_found", hint: `mounted: ${listed.join(", ") || "nothing"}` });
}
