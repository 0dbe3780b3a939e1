/** What is good by itself in a value that does not fit its schema, so that its other mistakes are reported in the same run. */
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
  schemaOf: (key: string) => z.core.$ZodType | undefined,
): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const schema = schemaOf(key);
      const good = schema && salvageAny(schema, each);
      return good === undefined ? [] : [[key, good] as const];
    }),
  );

const salvageAny = (schema: z.core.$ZodType, value: unknown): unknown => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return salvageAny(schema.unwrap(), value);
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => salvageAny(option, value)).find((found) => found !== undefined);
  }
  if (schema instanceof z.ZodObject) {
    return isMapping(value) ? salvageEntries(value, (key) => schema.shape[key]) : undefined;
  }
  if (schema instanceof z.ZodRecord) {
    const isGoodKey = (key: string): boolean => z.safeParse(schema.keyType, key).success;
    return isMapping(value)
      ? salvageEntries(value, (key) => (isGoodKey(key) ? schema.valueType : undefined))
      : undefined;
  }
  if (schema instanceof z.ZodArray) {
    return Array.isArray(value) ? value.map((item) => salvageAny(schema.element, item)) : undefined;
  }
  return z.safeParse(schema, value).success ? value : undefined;
};

/** @returns undefined where nothing is good. Relies on schemas that do not transform values. */
export const salvage = <T>(schema: z.ZodType<T>, value: unknown): Salvaged<NonNullable<T>> | undefined =>
  salvageAny(schema, value) as Salvaged<NonNullable<T>> | undefined;
