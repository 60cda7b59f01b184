import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { toWireEpisode } from "./to-wire-episode.ts";

/** The wire form, and the row of the server that it becomes. */
export interface SerialisedEpisode {
  readonly json: string;
  readonly subject: string;
  readonly key: string;
}

function serialise(outbound: OutboundEpisode): SerialisedEpisode {
  const wire = toWireEpisode(outbound);
  return { json: JSON.stringify(wire), subject: wire.subject_id, key: wire.idempotency_key };
}

/** An episode on its way that is serialised once, at the first look, however often it is planned and sent. */
export class PreparedEpisode implements OutboundEpisode {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  readonly episode: Episode;
  readonly wantsFresh: boolean;
  readonly runId: string | undefined;
  #wire: SerialisedEpisode | undefined;
  #bytes: number | undefined;

  constructor({ source, connectorVersion, episode, wantsFresh = false, runId }: OutboundEpisode) {
    this.source = source;
    this.connectorVersion = connectorVersion;
    this.episode = episode;
    this.wantsFresh = wantsFresh;
    this.runId = runId;
  }

  /** The wire form, as one line of JSON. */
  get json(): string {
    return this.wire.json;
  }

  get wire(): SerialisedEpisode {
    this.#wire ??= serialise(this);
    return this.#wire;
  }

  /** UTF-8 bytes of `json`. */
  get bytes(): number {
    this.#bytes ??= Buffer.byteLength(this.json);
    return this.#bytes;
  }
}

/** The wire form of any outbound episode, as one line of JSON. */
export function wireJson(outbound: OutboundEpisode): string {
  return outbound instanceof PreparedEpisode ? outbound.json : JSON.stringify(toWireEpisode(outbound));
}
