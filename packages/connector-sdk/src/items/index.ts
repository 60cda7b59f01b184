// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { type Fields, idField, stringField, toFields, toFieldsList, withoutUndefined } from "./fields.ts";
export { anyId, epochTime, itemName, itemText, itemTime, numericId, textId } from "./item-pieces.ts";
