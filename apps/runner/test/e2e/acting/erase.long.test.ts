import { describe } from "vitest";
import { eraseCases, killedEraseCase } from "./erase-on.ts";
import { statePlaces } from "./state-places.ts";

const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

describe.each(statePlaces)(`erase on $kind (TEST_SEED=${seed})`, (place) => {
  eraseCases(place);
  killedEraseCase(place, seed);
});
