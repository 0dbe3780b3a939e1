/** The token that commands on this machine use: in a file that only the user of the service can read. */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { writeWhole } from '../../base/files.ts';

const whole = /^[0-9a-f]{64}$/;
const OWN_ONLY = 0o600;

/** One that is there and nobody else can read is used on: several controllers of one folder share it. */
const existing = async (file: string): Promise<string | undefined> => {
  try {
    const { mode, uid } = await stat(file);
    const text = (await readFile(file, 'utf8')).trim();
    return (mode & 0o777) === OWN_ONLY && uid === process.getuid?.() && whole.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
};

/** Makes the file, if need be. Rejects when it cannot be written. */
export async function openAdminToken(file: string): Promise<string> {
  const found = await existing(file);
  if (found !== undefined) return found;
  const token = randomBytes(32).toString('hex');
  await writeWhole(file, `${token}\n`, { mode: OWN_ONLY });
  return (await existing(file)) ?? token;
}
