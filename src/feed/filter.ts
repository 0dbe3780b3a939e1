/** Which records a sink gets: a unit sees the calls to its own numbers, and no others. */
import { z } from 'zod';

export type RecordFilter = (line: string) => boolean;

export interface FilterOptions {
  readonly numbers?: readonly string[] | undefined;
  readonly unit?: string | undefined;
}

const ownerShape = z.object({ number: z.string().nullable(), unit: z.string().nullable() });

const ownerOf = (line: string): z.infer<typeof ownerShape> | undefined => {
  try {
    return ownerShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

/** Both given: both have to hold. Neither: everything passes, calls to numbers outside the table too. */
export const filterOf = ({ numbers, unit }: FilterOptions): RecordFilter => {
  if (numbers === undefined && unit === undefined) return () => true;
  return (line) => {
    const owner = ownerOf(line);
    if (owner === undefined || owner.number === null) return false;
    return (numbers === undefined || numbers.includes(owner.number)) && (unit === undefined || owner.unit === unit);
  };
};
