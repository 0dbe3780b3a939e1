/** Fields that several sections have. */
import { z } from 'zod';
import { fromProject } from '../base/project.ts';

/** A path; one without a leading `/` starts at the project's root, wherever the service is started from. */
export const path = z.string().min(1).transform(fromProject);

/** @param least 0 where 0 means any free port. */
export const portFrom = (least: 0 | 1) => {
  const asked = `a whole number from ${least} to 65535 is asked for`;
  return z.int(asked).min(least, asked).max(65_535, asked);
};
