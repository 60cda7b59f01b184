/** One metric as it is exposed: what dashboards and alerts are built on. Names, types, labels and buckets are a promise to users. */
export interface SeriesDefinition {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  readonly buckets?: readonly number[];
  /** Whether it counts what needs attention: it keeps the label `name` with `per_source = "unhealthy"`. */
  readonly isTrouble?: true;
}

/** Every metric of the runner. The process metrics of prom-client come on top. */
export const series = {
  pullTicks: {
    name: "statewave_runner_pull_ticks_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Runs of a pull source, successful or not.",
  },
  pullEpisodesEmitted: {
    name: "statewave_runner_pull_episodes_emitted_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Episodes that the connector yielded.",
  },
  pullEpisodesIngested: {
    name: "statewave_runner_pull_episodes_ingested_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Episodes that the sink acknowledged. Dry runs are left out.",
  },
  pullErrors: {
    name: "statewave_runner_pull_errors_total",
    type: "counter",
    labels: ["kind", "name", "reason"],
    help: "Runs that failed, by where: load (opening the entry), sync (reading the source), ingest (delivering).",
    isTrouble: true,
  },
  unbalancedRuns: {
    name: "statewave_runner_unbalanced_runs_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Runs whose account does not balance: something that was read is neither delivered nor kept. A defect; see `runs`. Absent until there is one.",
    isTrouble: true,
  },
  pullLastSync: {
    name: "statewave_runner_pull_last_sync_timestamp_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "Unix time at which the latest successful run ended; of one before a restart or of another process, its due. Absent until there is one.",
  },
  pullNextDue: {
    name: "statewave_runner_pull_next_due_timestamp_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "Unix time of the next due. Absent when the schedule names no further one.",
  },
  pullInterval: {
    name: "statewave_runner_pull_interval_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "From the next due to the one after it.",
  },
  pullRunning: {
    name: "statewave_runner_pull_running",
    type: "gauge",
    labels: ["kind", "name"],
    help: "1 while this process runs the source, otherwise 0.",
  },
  pullSyncDuration: {
    name: "statewave_runner_pull_sync_duration_seconds",
    type: "histogram",
    labels: ["kind", "name"],
    help: "How long runs took, from their first request to their last checkpoint.",
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
  pullDues: {
    name: "statewave_runner_pull_dues_total",
    type: "counter",
    labels: ["kind", "name", "outcome"],
    help: "What became of the instants a schedule named: run, skipped (the source was still at work), missed (no process ran it), caught_up, paused (by an operator).",
  },
  watchExpires: {
    name: "statewave_runner_watch_expires_timestamp_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "Unix time at which what the provider keeps for the source, such as a subscription, expires unless it is renewed. Absent for sources without one.",
  },
  pullCursorAge: {
    name: "statewave_runner_pull_cursor_age_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "Time since the source's cursor was last stored. Absent while it has none, or when the store does not answer.",
  },
  episodes: {
    name: "statewave_runner_episodes_total",
    type: "counter",
    labels: ["kind", "name", "outcome"],
    help: "Episodes of pulls, webhooks and retried dead letters: delivered (the sink acknowledged them) or buried (kept as dead letters).",
  },
  episodeSeconds: {
    name: "statewave_runner_episode_seconds",
    type: "histogram",
    labels: ["stage"],
    help: "How long each stage took: accepted (from what happened to its acceptance by this runner), delivered (from there to the sink), compiled (of a subject, from the first delivered episode that was not compiled to its compile).",
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 600, 1_800, 3_600, 21_600, 86_400],
  },
  compileRequests: {
    name: "statewave_runner_compile_requests_total",
    type: "counter",
    labels: ["outcome"],
    help: "Requests to compile a subject: done (nothing is left), more (it is called again), retried (failed, tried again 3 s later), failed (tried again much later), refused, limited (429), unavailable (the server compiles nothing for now).",
  },
  notices: {
    name: "statewave_runner_notices_total",
    type: "counter",
    labels: ["notify", "outcome"],
    help: "Messages to a [[notify]]: sent, failed (tried again), dropped (given up after a day of failures).",
  },
  healed: {
    name: "statewave_runner_healed_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Episodes of a receiver's twin that were new to Statewave: what push missed. A rise means that push is broken.",
    isTrouble: true,
  },
  skippedItems: {
    name: "statewave_runner_skipped_items_total",
    type: "counter",
    labels: ["kind", "name", "reason"],
    help: "Items that a connector left out on purpose, by its reason.",
  },
  failedItems: {
    name: "statewave_runner_failed_items_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Items that a connector could not map. Each is kept as a dead letter of type item.",
    isTrouble: true,
  },
  pushDeliveries: {
    name: "statewave_runner_push_deliveries_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "HTTP requests that a receiver got, whatever became of them.",
  },
  pushLastDelivery: {
    name: "statewave_runner_push_last_delivery_timestamp_seconds",
    type: "gauge",
    labels: ["kind", "name"],
    help: "Unix time at which the latest genuine webhook arrived at this process, stored or not. Absent until there is one.",
  },
  pushResponses: {
    name: "statewave_runner_push_responses_total",
    type: "counter",
    labels: ["kind", "name", "status"],
    help: "Answers of a receiver by HTTP status: 200 for success and for duplicates, 401 for signature failures.",
  },
  pushRefused: {
    name: "statewave_runner_push_refused_total",
    type: "counter",
    labels: ["kind", "name", "reason"],
    help: "Webhooks that a receiver refused: signature_missing, signature_malformed, signature_invalid (another secret), timestamp_stale (a clock is off), other.",
    isTrouble: true,
  },
  pushIgnored: {
    name: "statewave_runner_push_ignored_total",
    type: "counter",
    labels: ["kind", "name", "reason", "event"],
    help: "Genuine webhooks that were answered and not stored, by the connector's reason, e.g. not_wanted, and the provider's word for the event, empty where the connector names none.",
  },
  httpNotFound: {
    name: "statewave_runner_http_not_found_total",
    type: "counter",
    labels: [],
    help: "Requests on the webhook port to a path where nothing is mounted. The log names the path at level debug.",
  },
  pushMisrouted: {
    name: "statewave_runner_push_misrouted_total",
    type: "counter",
    labels: ["reason"],
    help: "Requests to unknown paths that look like webhooks: path_prefix (a proxy's prefix precedes a receiver's path), path_spelling (slashes, encoding or case), receiver_unknown (no entry has that name).",
  },
  pushHandlerErrors: {
    name: "statewave_runner_push_handler_errors_total",
    type: "counter",
    labels: ["kind", "name"],
    help: "Times a receiver threw an exception.",
    isTrouble: true,
  },
  pushDuration: {
    name: "statewave_runner_push_delivery_duration_seconds",
    type: "histogram",
    labels: ["kind", "name"],
    help: "How long deliveries took, from the last header to the answer.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  inboxDepth: {
    name: "statewave_runner_inbox_depth",
    type: "gauge",
    labels: [],
    help: "Events that wait or are at work, dead letters left out. Absent when the inbox does not answer.",
  },
  inboxOldestAge: {
    name: "statewave_runner_inbox_oldest_age_seconds",
    type: "gauge",
    labels: [],
    help: "Age of the oldest of them since its acceptance; 0 when there is none. Absent when the inbox does not answer.",
  },
  inboxEvents: {
    name: "statewave_runner_inbox_events_total",
    type: "counter",
    labels: ["outcome"],
    help: "Events by what became of them: at the door fresh, duplicate or unavailable (answered 503); later done, retry or dead.",
  },
  deadLetters: {
    name: "statewave_runner_dead_letters",
    type: "gauge",
    labels: ["kind", "name", "type"],
    help: "Dead letters that wait for someone to act, by type: event (retry maps it again), episode (retry sends it again), item (retry maps that one item again).",
  },
  sourceUp: {
    name: "statewave_runner_source_up",
    type: "gauge",
    labels: ["kind", "name", "direction"],
    help: "1 while an entry's source is well, 0 while it is known to be unhealthy; direction is pull or push. Absent until this process knows.",
  },
  paused: {
    name: "statewave_runner_paused",
    type: "gauge",
    labels: ["kind", "name", "direction"],
    help: "1 while an operator has paused an entry; direction is pull or push. Absent for all others.",
  },
  sinkUp: {
    name: "statewave_runner_sink_up",
    type: "gauge",
    labels: [],
    help: "1 while the sink takes episodes, 0 while it is failing or stopped. Absent until the first attempt.",
  },
  foreignCursors: {
    name: "statewave_runner_foreign_cursors",
    type: "gauge",
    labels: [],
    help: "Pull sources whose cursor belongs to another sink than the configured one: see `state adopt` and `state reset`.",
  },
  sinkRequests: {
    name: "statewave_runner_sink_requests_total",
    type: "counter",
    labels: ["status"],
    help: "Requests to the sink by HTTP status; timeout, network or aborted without one; ok or error for a sink without HTTP.",
  },
  sinkDuration: {
    name: "statewave_runner_sink_request_duration_seconds",
    type: "histogram",
    labels: [],
    help: "How long requests to the sink took.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  sinkBatchSize: {
    name: "statewave_runner_sink_batch_size",
    type: "histogram",
    labels: [],
    help: "Episodes in one request to the sink.",
    buckets: [1, 2, 5, 10, 20, 50, 100],
  },
  info: {
    name: "statewave_runner_info",
    type: "gauge",
    labels: ["version", "hostname"],
    help: "Always 1; what is running where is in the labels.",
  },
  schedulesArmed: {
    name: "statewave_runner_schedules_armed",
    type: "gauge",
    labels: [],
    help: "Pull schedules that are armed.",
  },
  receiversMounted: {
    name: "statewave_runner_push_receivers_mounted",
    type: "gauge",
    labels: [],
    help: "Push receivers that are mounted.",
  },
  ready: {
    name: "statewave_runner_ready",
    type: "gauge",
    labels: [],
    help: "1 while /readyz answers 200, otherwise 0.",
  },
  storeWritable: {
    name: "statewave_runner_store_writable",
    type: "gauge",
    labels: ["store"],
    help: "1 while the last writes to a store (cursor_store or inbox) got through, 0 while they fail, e.g. because its disk is full.",
  },
} as const satisfies Record<string, SeriesDefinition>;
