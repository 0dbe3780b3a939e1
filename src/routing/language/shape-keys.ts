/** Which keys a shape has at a path: what "did you mean" chooses from. */
import { z } from 'zod';
import type { Path } from '../yaml/text.ts';

type Shape = z.core.$ZodType;

const unwrap = (shape: Shape): readonly Shape[] => {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) return unwrap(shape.unwrap());
  if (shape instanceof z.ZodUnion) return shape.options.flatMap(unwrap);
  return [shape];
};

const step = (shape: Shape, key: PropertyKey): readonly Shape[] => {
  if (shape instanceof z.ZodObject) {
    const inner: Shape | undefined = shape.shape[String(key)];
    return inner === undefined ? [] : unwrap(inner);
  }
  if (shape instanceof z.ZodRecord) return unwrap(shape.valueType);
  return shape instanceof z.ZodArray ? unwrap(shape.element) : [];
};

/** Every shape that `shape` allows at `path`. */
export const shapesAt = (shape: Shape, path: Path): readonly Shape[] => {
  let here = unwrap(shape);
  for (const key of path) here = here.flatMap((inner) => step(inner, key));
  return here;
};

/** Keys of every mapping that `shape` allows at `path`. */
export const keysAt = (shape: Shape, path: Path): readonly string[] =>
  shapesAt(shape, path).flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []));
