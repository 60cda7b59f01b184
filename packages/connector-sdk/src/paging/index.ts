// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { requestInBatches, type Batch, type BatchOptions } from "./request-in-batches.ts";
export { TimeClamp } from "./clamp-time.ts";
export { cursorCodec, type CursorCodec, type CursorCodecOptions, type CursorReader } from "./cursor-codec.ts";
export { cursorPages, type CursorRead } from "./cursor-pages.ts";
export type { FollowOptions, SteppedOver } from "./follow-pages.ts";
export { fromInstant, type GrainMs, type Instant, toInstant } from "./instant.ts";
export { type KeysetState } from "./key-set-plan.ts";
export type { KeysetPosition, KeysetRead } from "./key-set-reader.ts";
export { keysetState } from "./key-set-state.ts";
export { type FutureTime, type KeysetWalk, type KeysetWalkPage, keySetWalk } from "./key-set-walk.ts";
export { linkPages, type LinkRead } from "./link-pages.ts";
export type { ListOptions, ListPage } from "./list-page.ts";
export type { NumberedRead } from "./numbered-pages.ts";
export { mayBeOfOneItem } from "./of-one-item.ts";
export { offsetPages, type OffsetPagesOptions } from "./offset-pages.ts";
export { joinPages, type PageContents } from "./join-pages.ts";
export { pagesWithin } from "./pages-within.ts";
export { pageNumberPages, type PageNumberPagesOptions, type PageNumberRead } from "./page-number-pages.ts";
export { type Part, type PartVerdict, partVerdict } from "./part-failures.ts";
export type { FailedPart } from "./parts-failed.ts";
export {
  partsCursor,
  type PartsCursor,
  type PartsCursorOptions,
  type PartsCursorRun,
  type PartsPosition,
  type PartsReader,
} from "./parts-cursor.ts";
export { PartsInTurn, type PartPage, type PartsInTurnOptions, type PartsRun, type TurnPage } from "./parts-in-turn.ts";
export { readAhead } from "./read-ahead.ts";
export { isSeen, keepSeen, type RowId, type RowStamp, type Seen } from "./seen.ts";
export { isOverloaded } from "./smaller-pages.ts";
export { wholeListSource, type WholeListSourceOptions } from "./whole-list-source.ts";
