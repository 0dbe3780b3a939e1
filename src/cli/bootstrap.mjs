#!/usr/bin/env node
/**
 * The way in for any Node of version 18 or later: installs what is missing, then runs the program on the Node that the
 * project pins. Plain JavaScript with nothing but Node's own modules, for it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const at = (path) => join(root, path);
const pinnedNode = at('node_modules/node/bin/node');
const lockFile = at('package-lock.json');
const stampFile = at('node_modules/.hotline-installed');
const busyFile = at('.lab/install.lock');

const textOf = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const wantedStamp = () => createHash('sha256').update(textOf(lockFile)).digest('hex');

/** Whether npm's own list of installed packages has the versions of this lock file. */
const npmInstalledThis = () => {
  const installed = textOf(at('node_modules/.package-lock.json'));
  if (installed === '') return false;
  const has = JSON.parse(installed).packages;
  const wants = Object.entries(JSON.parse(textOf(lockFile)).packages).filter(
    ([path, each]) => path !== '' && !each.optional,
  );
  return wants.every(([path, each]) => has[path]?.version === each.version);
};

const isInstalled = () => {
  if (!existsSync(pinnedNode)) return false;
  if (textOf(stampFile) === wantedStamp()) return true;
  if (!npmInstalledThis()) return false;
  writeFileSync(stampFile, wantedStamp());
  return true;
};

/** Runs a program with our own input and output; resolves with its exit code, signals passed on. */
const runThrough = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const passOn = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, passOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });

const npm = (...args) => {
  const own = process.env.npm_execpath;
  const [program, before] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  // What npm prints goes to the error stream: the standard output belongs to the command.
  return runThrough(program, [...before, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
};

/** A zombie, ended but not yet reaped, does not count as alive. */
const isAlive = (pid) => /\) [^ZX]/.test(textOf(`/proc/${pid}/stat`));

/** Takes the lock, or says who has it. A lock whose owner is dead is taken over. */
const takeLock = () => {
  mkdirSync(dirname(busyFile), { recursive: true });
  try {
    writeFileSync(busyFile, String(process.pid), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const owner = Number(textOf(busyFile));
    if (owner > 0 && !isAlive(owner)) rmSync(busyFile, { force: true });
    return owner;
  }
};

/** `ci` wants every optional package of every platform in the lock file, which a mirror may lack: then `install` helps. */
const FLAGS = ['--include=dev', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error'];

const install = async () => {
  let told = false;
  for (let owner = takeLock(); owner !== undefined; owner = takeLock()) {
    if (!told && owner > 0) process.stderr.write(`waiting for process ${owner}, which installs the packages\n`);
    told = true;
    await pause(200);
  }
  try {
    if (isInstalled()) return 0;
    process.stderr.write('installing packages (npm ci)\n');
    const code = (await npm('ci', ...FLAGS)) && (await npm('install', '--no-save', ...FLAGS));
    if (code === 0 && existsSync(pinnedNode)) {
      writeFileSync(stampFile, wantedStamp());
      return 0;
    }
    process.stderr.write('error INSTALL_FAILED: the packages could not be installed; the lines above say why\n');
    return 3;
  } finally {
    rmSync(busyFile, { force: true });
  }
};

const isSame = (path, other) => {
  try {
    return realpathSync(path) === realpathSync(other);
  } catch {
    return false;
  }
};

/**
 * The user's folder: paths they type start there. npm runs our scripts in the project's root and passes the user's folder
 * in INIT_CWD; when npm did not start us, INIT_CWD may be left over from another program.
 */
const userFolder = () => {
  const { INIT_CWD: told, npm_package_json: manifest } = process.env;
  const byNpm = told !== undefined && isSame(manifest, at('package.json')) && isSame(process.cwd(), root);
  return byNpm && existsSync(told) ? told : process.cwd();
};

const PROGRAMS = { start: 'src/main.ts', test: 'test/run.ts' };
const [word, ...rest] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, word ?? '')
  ? [PROGRAMS[word], ...rest]
  : ['src/cli/bin.ts', ...process.argv.slice(2)];

/** `start` takes no arguments; refusing them is better than starting a service that ignores them. */
const refuse = (line) => {
  process.stderr.write(`error: ${line}\n`);
  process.exit(2);
};

const USAGE = {
  start: `Usage: npm start

Brings up the service that config/hotline.yaml (or HOTLINE_SETTINGS) describes; with no PBX in it, the lab.
HOTLINE_TABLE, HOTLINE_HTTP_PORT, HOTLINE_REDIS and HOTLINE_LOG_LEVEL win over the settings.
`,
  test: `Usage: npm test [-- FILE...]

Runs every check a change has to pass; with files, the tests in them instead of all.
`,
};

if (Object.hasOwn(PROGRAMS, word ?? '') && rest.some((each) => each === '--help' || each === '-h')) {
  process.stdout.write(USAGE[word]);
  process.exit(0);
}
if (word === 'start' && rest.length > 0)
  refuse(`start takes no arguments, but got "${rest[0]}"; settings: npm start -- --help`);
try {
  process.cwd();
} catch {
  refuse('the folder you stand in is no more; step into another');
}

const installed = isInstalled() ? 0 : await install();
// INIT_CWD was for us: programs that we start must not read it.
const { INIT_CWD: _, ...given } = process.env;
// Compiling the source is half of a short command's time: the compiled code is cached beside the packages.
const env = { NODE_COMPILE_CACHE: at('node_modules/.cache/compiled'), ...given };
const options = { env, cwd: word === 'test' ? root : userFolder() };
process.exitCode = installed === 0 ? await runThrough(pinnedNode, [at(program[0]), ...program.slice(1)], options) : 3;
