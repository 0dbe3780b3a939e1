/** What of a value of bad shape is good by itself: its other mistakes are told as well, in the same run. */
import { z } from 'zod';

/** The same, with whatever is bad left out; a list keeps its places. */
export type Salvaged<T> = T extends readonly (infer Item)[]
  ? readonly (Salvaged<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Salvaged<T[Key]> | undefined }
    : T;

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const salvageEntries = (
  value: Record<string, unknown>,
  shapeOf: (key: string) => z.core.$ZodType | undefined,
): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const shape = shapeOf(key);
      const good = shape && salvageAny(shape, each);
      return good === undefined ? [] : [[key, good] as const];
    }),
  );

const salvageAny = (shape: z.core.$ZodType, value: unknown): unknown => {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) return salvageAny(shape.unwrap(), value);
  if (shape instanceof z.ZodUnion) {
    return shape.options.map((option) => salvageAny(option, value)).find((found) => found !== undefined);
  }
  if (shape instanceof z.ZodObject) {
    return isMapping(value) ? salvageEntries(value, (key) => shape.shape[key]) : undefined;
  }
  if (shape instanceof z.ZodRecord) {
    const isGoodKey = (key: string): boolean => z.safeParse(shape.keyType, key).success;
    return isMapping(value)
      ? salvageEntries(value, (key) => (isGoodKey(key) ? shape.valueType : undefined))
      : undefined;
  }
  if (shape instanceof z.ZodArray) {
    return Array.isArray(value) ? value.map((item) => salvageAny(shape.element, item)) : undefined;
  }
  return z.safeParse(shape, value).success ? value : undefined;
};

/** @returns undefined where nothing is good. No shape of the table language makes anything else of a value than it is. */
export const salvage = <T>(shape: z.ZodType<T>, value: unknown): Salvaged<NonNullable<T>> | undefined =>
  salvageAny(shape, value) as Salvaged<NonNullable<T>> | undefined;
