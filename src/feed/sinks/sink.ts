/** What every sink is: settings that all have, which records it gets, and what it has to do. */
import { z } from 'zod';

export interface Sink {
  readonly kind: string;
  /**
   * Resolves when the sink has these records, JSON each, in this order.
   *
   * @throws SinkRefused where sending the same again would be refused again. Any other error is worth another try.
   */
  send(lines: readonly string[], signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** The sink has read what it was sent, and does not want it. */
export class SinkRefused extends Error {
  override readonly name = 'SinkRefused';
}

/** The sink asks for time. */
export class SinkBusy extends Error {
  override readonly name = 'SinkBusy';
  /** Milliseconds it asked for. */
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

export const seconds = z.number().min(0.01).max(3_600);

const common = {
  /** Part of file names and of keys in Redis. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and - only'),
  /** Only calls to these numbers, and only those of this unit; without both, all. */
  numbers: z.array(z.string().regex(/^\d+$/, 'digits in quotation marks are asked for')).min(1).optional(),
  unit: z.string().min(1).optional(),
  /** Most records sent at once. */
  batch: z.int().min(1).max(1_000).default(200),
  retry: z.strictObject({ firstSeconds: seconds.default(0.5), mostSeconds: seconds.default(60) }).prefault({}),
  /** A record that the sink has not taken for so long becomes a dead letter. */
  giveUpHours: z
    .number()
    .min(0.001)
    .max(24 * 365)
    .default(24),
};

/** A kind of sink: its name in the settings, the settings that only it has, and how to make one. */
export const sinkKind = <const Kind extends string, Fields extends z.ZodRawShape>(
  kind: Kind,
  fields: Fields,
  open: (settings: z.infer<z.ZodObject<Fields>>) => Sink,
) => ({ settings: z.strictObject({ ...common, kind: z.literal(kind), ...fields }), open });

export type RecordFilter = (line: string) => boolean;

const ownerShape = z.object({ number: z.string().nullable(), unit: z.string().nullable() });

const ownerOf = (line: string): z.infer<typeof ownerShape> | undefined => {
  try {
    return ownerShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

/**
 * Which records a sink gets: a unit sees the calls to its own numbers, and no others. With `numbers` and `unit`, both have to
 * hold. With neither everything passes, calls to numbers outside the table too.
 */
export const filterOf = ({
  numbers,
  unit,
}: {
  readonly numbers?: readonly string[] | undefined;
  readonly unit?: string | undefined;
}): RecordFilter => {
  if (numbers === undefined && unit === undefined) return () => true;
  return (line) => {
    const owner = ownerOf(line);
    if (owner === undefined || owner.number === null) return false;
    return (numbers === undefined || numbers.includes(owner.number)) && (unit === undefined || owner.unit === unit);
  };
};
