/**
 * Likeness of a prompt to what was heard when frames were lost or late on the way: each piece of the prompt is looked
 * for by itself, near where the whole was found. A busy machine drops a frame of 20 ms now and then; the ear forgives
 * that, one correlation over six seconds does not.
 */

/** Half a second at 4 kHz. */
const PIECE = 2000;
/** How far a piece may have slipped: 100 ms at 4 kHz. */
const SLIP = 400;

interface Product {
  readonly dot: number;
  readonly energy: number;
}

const productAt = (heard: Float64Array, at: number, piece: Float64Array): Product => {
  let dot = 0;
  let energy = 0;
  for (let i = 0; i < piece.length; i++) {
    const sample = heard[at + i] ?? 0;
    dot += sample * (piece[i] as number);
    energy += sample * sample;
  }
  return { dot, energy };
};

/** The best place of one piece around where it should be. */
const bestNear = (heard: Float64Array, at: number, piece: Float64Array): Product => {
  let best: Product = { dot: 0, energy: 0 };
  let likeness = 0;
  for (let from = Math.max(0, at - SLIP); from <= at + SLIP && from + piece.length <= heard.length; from++) {
    const product = productAt(heard, from, piece);
    const each = product.energy > 0 ? product.dot / Math.sqrt(product.energy) : 0;
    if (each <= likeness) continue;
    likeness = each;
    best = product;
  }
  return best;
};

/** @param lag where the whole prompt was found, with `whole` as its likeness; the answer is never below that. */
export const alignedLikeness = (heard: Float64Array, prompt: Float64Array, lag: number, whole: number): number => {
  let dot = 0;
  let there = 0;
  let wanted = 0;
  for (let at = 0; at + PIECE <= prompt.length && lag + at + PIECE <= heard.length; at += PIECE) {
    const piece = prompt.subarray(at, at + PIECE);
    const found = bestNear(heard, lag + at, piece);
    dot += found.dot;
    there += found.energy;
    wanted += productAt(piece, 0, piece).energy;
  }
  return there > 0 && wanted > 0 ? Math.max(whole, dot / Math.sqrt(there * wanted)) : whole;
};
