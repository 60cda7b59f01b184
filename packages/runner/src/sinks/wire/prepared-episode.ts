import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { toWireEpisode } from "./to-wire-episode.ts";

/** The wire form, and the row of the server that it becomes. */
export interface SerialisedEpisode {
  /** JSON in UTF-8: as text it takes twice the memory as soon as one character is beyond Latin-1. */
  readonly utf8: Buffer;
  readonly subject: string;
  readonly key: string;
}

function serialise(outbound: OutboundEpisode): SerialisedEpisode {
  const wire = toWireEpisode(outbound);
  return { utf8: Buffer.from(JSON.stringify(wire)), subject: wire.subject_id, key: wire.idempotency_key };
}

/** An episode on its way that is serialised once, at the first look, however often it is planned and sent. */
export class PreparedEpisode implements OutboundEpisode {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  readonly episode: Episode;
  readonly wantsFresh: boolean;
  readonly runId: string | undefined;
  #wire: SerialisedEpisode | undefined;

  constructor({ source, connectorVersion, episode, wantsFresh = false, runId }: OutboundEpisode) {
    this.source = source;
    this.connectorVersion = connectorVersion;
    this.episode = episode;
    this.wantsFresh = wantsFresh;
    this.runId = runId;
  }

  get wire(): SerialisedEpisode {
    this.#wire ??= serialise(this);
    return this.#wire;
  }

  /** How long its wire form is. */
  get bytes(): number {
    return this.wire.utf8.byteLength;
  }
}

/** The wire form of any outbound episode, as one line of JSON. */
export function wireJson(outbound: OutboundEpisode): string {
  return outbound instanceof PreparedEpisode ? outbound.wire.utf8.toString() : JSON.stringify(toWireEpisode(outbound));
}

/** The same in UTF-8. */
export function wireBytes(outbound: OutboundEpisode): Uint8Array {
  return (outbound instanceof PreparedEpisode ? outbound.wire : serialise(outbound)).utf8;
}
