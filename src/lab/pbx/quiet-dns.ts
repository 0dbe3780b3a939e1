/**
 * Keeps the rootfs's Asterisk off every address but loopback. PJSIP's own DNS resolver opens a UDP socket on all
 * addresses, IPv4 and IPv6, and no option stops it; without name servers Asterisk goes without that resolver, but glibc
 * always names one. So the copy of `res_pjsip.so` in the rootfs asks for them under another name: `getttyent`, which
 * takes nothing and answers NULL where there is no /etc/ttys. "Could not retrieve local system nameservers" in the log
 * is this. A module without the name is left as it is.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findAsteriskFolders, type Place } from './place.ts';

/** Both between NUL bytes, as names stand in an ELF string table; the second no longer than the first. */
const ASKS = Buffer.from('\0ast_dns_get_nameservers\0');
const ANSWERS_NOTHING = Buffer.from('\0getttyent\0');

const withoutResolver = (module: Buffer): Buffer => {
  const at = module.indexOf(ASKS);
  if (at < 0) return module;
  const changed = Buffer.from(module);
  changed.fill(0, at, at + ASKS.length);
  ANSWERS_NOTHING.copy(changed, at);
  return changed;
};

export const quietenDns = async (place: Place): Promise<void> => {
  const folders = await findAsteriskFolders(place);
  if (folders === undefined) return;
  const file = join(place.root, folders.modules, 'res_pjsip.so');
  await writeFile(`${file}.new`, withoutResolver(await readFile(file)), { mode: 0o644 });
  await rename(`${file}.new`, file);
};
