/** The fast Fourier transform, in place, for lengths that are powers of two. Pure. */

export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The least power of two that is not below `length`. */
export const powerOfTwo = (length: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, length)));

export const zeros = (length: number): Complex => ({ re: new Float64Array(length), im: new Float64Array(length) });

const reverseBits = ({ re, im }: Complex): void => {
  for (let i = 1, j = 0; i < re.length; i++) {
    let bit = re.length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j] as number, re[i] as number];
    [im[i], im[j]] = [im[j] as number, im[i] as number];
  }
};

/** Cosines and sines of one turn in `length` steps, the first half of it. */
const turn = (length: number): Complex => {
  const { re, im } = zeros(length / 2);
  for (let i = 0; i < re.length; i++) {
    re[i] = Math.cos((2 * Math.PI * i) / length);
    im[i] = -Math.sin((2 * Math.PI * i) / length);
  }
  return { re, im };
};

/** Cooley and Tukey's decimation in time. */
export const transform = (signal: Complex): void => {
  const { re, im } = signal;
  const { re: cos, im: sin } = turn(re.length);
  reverseBits(signal);
  for (let half = 1; half < re.length; half *= 2) {
    const step = re.length / (2 * half);
    for (let start = 0; start < re.length; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const wr = cos[k * step] as number;
        const wi = sin[k * step] as number;
        const xr = (re[b] as number) * wr - (im[b] as number) * wi;
        const xi = (re[b] as number) * wi + (im[b] as number) * wr;
        re[b] = (re[a] as number) - xr;
        im[b] = (im[a] as number) - xi;
        re[a] = (re[a] as number) + xr;
        im[a] = (im[a] as number) + xi;
      }
    }
  }
};

/** The way back, without the division by the length: swap, transform, swap. */
export const transformBack = ({ re, im }: Complex): void => transform({ re: im, im: re });
