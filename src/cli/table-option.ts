/** Which table a command is about: the one that is named, else the one the service would take. */
import { InvalidArgumentError } from 'commander';
import { settingsIfAny } from '../settings/settings.ts';

export const TABLE_FLAG = '--table <file>';
export const TABLE_HELP = 'routing table (default: the one of the settings, which is config/routes.yaml)';

export const namedFile = (file: string): string => {
  if (file === '') throw new InvalidArgumentError('Name a file.');
  return file;
};

/** @throws SettingsError, FileUnreadable */
export const chosenTable = (named: string | undefined): string => named ?? settingsIfAny(process.env).table;
