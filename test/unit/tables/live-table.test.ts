import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { revisionOf } from '../../../src/routing/parse.ts';
import { realDisk } from '../../../src/tables/store/disk.ts';
import { allMovedText, bench, brokenText, byHand, commented, given, liveText, movedText, othersText } from './rig.ts';

/** Two texts whose revisions begin with the same four digits. */
function alike(text: string): readonly [string, string] {
  const seen = new Map<string, string>();
  for (let made = 0; ; made++) {
    const next = `${text}# ${made}\n`;
    const beginning = revisionOf(next, '').slice(0, 4);
    const former = seen.get(beginning);
    if (former !== undefined) return [former, next];
    seen.set(beginning, next);
  }
}

describe('a reload', () => {
  test('makes the changed file live, and the history tells who, when, from where and what moves', async () => {
    const { write, open } = await bench();
    const table = await open();
    const before = table.table.revision;
    await write(movedText());
    const changed = await table.reload(byHand);
    expect(changed).toMatchObject({ outcome: 'accepted', before, revision: table.table.revision });
    expect(table.table.revision).not.toBe(before);
    expect(changed.summary).toContain(
      '12301 everywhere: queue:12345-{region} → seats:12348, then queue:12345-{region}',
    );
    expect(changed.summary).toContain('31 numbers unchanged');
    const [entry, started] = await table.history(10);
    expect(entry).toMatchObject({
      what: 'reload',
      outcome: 'accepted',
      before,
      who: 'liu',
      from: 'http',
      controller: 'a',
    });
    expect(started).toMatchObject({ what: 'start', from: 'file' });
  });

  test('of what is live already changes nothing and is not told in the history', async () => {
    const table = await (await bench()).open();
    expect(await table.reload(byHand)).toMatchObject({ outcome: 'unchanged' });
    expect(await table.history(10)).toHaveLength(1);
  });

  test('of a broken table is refused with every problem at its place; the old table stays and readyz says why', async () => {
    const { write, open } = await bench();
    const table = await open();
    const before = table.table;
    await write(brokenText());
    const refused = await table.reload(byHand).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'TABLE_REFUSED' });
    expect((refused as { problems: { line: number }[] }).problems.length).toBeGreaterThan(0);
    expect(table.table).toBe(before);
    expect(table.state.problem).toContain("the table's file is not live");
    expect((await table.history(1))[0]).toMatchObject({ outcome: 'refused', code: 'TABLE_REFUSED', revision: null });
    await write(liveText);
    await table.reload(byHand);
    expect(table.state.problem).toBeUndefined();
  });

  test('of a table whose own expectation fails is refused', async () => {
    const table = await (await bench()).open();
    const wrong = liveText.replace('connect: queue:12345-fuzhou }', 'connect: queue:12345-xiamen }');
    await expect(table.reload(given(wrong))).rejects.toMatchObject({ code: 'TABLE_REFUSED' });
  });

  test('that moves too many numbers says what would move and asks for yes; with yes it goes', async () => {
    const table = await (await bench()).open();
    const refused = await table.reload(given(allMovedText())).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'CHANGE_TOO_LARGE' });
    expect((refused as Error).message).toMatch(/^moves \d+ of 32 numbers .* asks for --yes: .* → queue:12345-fuzhou/);
    expect(await table.reload({ ...given(allMovedText()), yes: true })).toMatchObject({ outcome: 'accepted' });
  });

  test('that takes the agents of all queues away asks for yes though no call goes elsewhere', async () => {
    const table = await (await bench()).open();
    const refused = await table.reload(given(othersText())).catch((error: Error) => error);
    expect(refused).toMatchObject({
      code: 'CHANGE_TOO_LARGE',
      message: expect.stringContaining('nobody who answered stays in'),
    });
    expect(await table.reload({ ...given(othersText()), yes: true })).toMatchObject({ outcome: 'accepted' });
  });

  test('that would have sent too many of the last calls elsewhere says how many and asks for yes; with yes it goes', async () => {
    const moved = { movedCalls: async () => ({ moved: 812, total: 2_004 }) };
    const table = await (await bench()).open(moved);
    const refused = await table.reload(given(movedText())).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'CHANGE_TOO_LARGE' });
    expect((refused as Error).message).toMatch(
      /^sends 812 of 2,004 calls of the last 24 hours elsewhere \(41%\), more than 25%, and so asks for --yes: 12301 /,
    );
    expect(await table.reload({ ...given(movedText()), canary: { share: 0.1 } })).toMatchObject({
      outcome: 'accepted',
    });
    expect(await table.reload({ ...given(movedText()), yes: true })).toMatchObject({ outcome: 'accepted' });
  });

  test('that would have sent few of them elsewhere, or of which nothing is known, is not held up', async () => {
    for (const calls of [
      { moved: 1, total: 4 },
      { moved: 0, total: 0 },
    ]) {
      const table = await (await bench()).open({ movedCalls: async () => calls });
      expect(await table.reload(given(movedText()))).toMatchObject({ outcome: 'accepted' });
    }
  });

  test('beside another one: the first wins, the other is told that it came too late', async () => {
    const table = await (await bench()).open();
    const [first, second] = await Promise.allSettled([
      table.reload(given(commented('one'))),
      table.reload(given(commented('two'))),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
    expect((await table.textOf(table.table.revision)).text).toBe(commented('one'));
  });

  test('beside another one of the same table is not in anybody’s way', async () => {
    const table = await (await bench()).open();
    const both = await Promise.all([table.reload(given(commented('one'))), table.reload(given(commented('one')))]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['accepted', 'unchanged']);
  });

  test('is counted by how it ended, and so are canaries, promotions and rollbacks', async () => {
    const table = await (await bench()).open();
    await table.reload(given(commented('one')));
    await table.reload(given(commented('one')));
    await table.reload(given(brokenText())).catch(() => undefined);
    await table.rollback(byHand);
    expect(table.reloads).toEqual({ accepted: 2, unchanged: 1, refused: 1 });
    await table.reload({ ...given(commented('two')), canary: { share: 0.5 } });
    await table.promote(byHand);
    await table.promote(byHand).catch(() => undefined);
    expect(table.reloads).toEqual({ accepted: 4, unchanged: 1, refused: 2 });
  });

  test('that starts from a revision which is no longer live is refused', async () => {
    const table = await (await bench()).open();
    const ifMatch = table.table.revision;
    await table.reload({ ...given(commented('one')), ifMatch });
    await expect(table.reload({ ...given(commented('two')), ifMatch })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a rollback', () => {
  test('takes the beginning of a revision where no other begins so, and says which where several do', async () => {
    const { write, open } = await bench();
    const table = await open({ mostNumbersMoved: 1 });
    const first = table.table.revision;
    for (const text of alike(movedText())) {
      await write(text);
      await table.reload(byHand);
    }
    const shared = table.table.revision.slice(0, 4);
    await expect(table.rollback({ ...byHand, revision: shared })).rejects.toMatchObject({
      code: 'NO_SUCH_REVISION',
      message: expect.stringMatching(`^${shared} may be .*${shared}[0-9a-f]{12}, ${shared}[0-9a-f]{12}`),
    });
    const slip = table.rollback({ ...byHand, revision: first.slice(0, 3) });
    await expect(slip).rejects.toMatchObject({ code: 'NO_SUCH_REVISION' });
    expect((await table.textOf(first.slice(0, 8))).revision).toBe(first);
    expect(await table.rollback({ ...byHand, revision: first.slice(0, 8) })).toMatchObject({ revision: first });
  });

  test('goes back to the revision before, and once more undoes itself, within a second', async () => {
    const table = await (await bench()).open();
    const old = table.table.revision;
    await table.reload(given(movedText()));
    const moved = table.table.revision;
    const begun = performance.now();
    expect(await table.rollback(byHand)).toMatchObject({ revision: old, before: moved });
    expect(await table.rollback(byHand)).toMatchObject({ revision: moved, before: old });
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test('goes to any revision of the history, from the disk, after a restart as well', async () => {
    const { open } = await bench();
    const table = await open();
    const first = table.table.revision;
    for (const word of ['one', 'two', 'three']) await table.reload(given(commented(word)));
    await table.stop();
    const again = await open();
    expect(await again.rollback({ ...byHand, revision: first })).toMatchObject({ revision: first });
    await expect(again.rollback({ ...byHand, revision: 'abcdef' })).rejects.toMatchObject({ code: 'NO_SUCH_REVISION' });
  });

  test('has nowhere to go on the first table', async () => {
    const table = await (await bench()).open();
    await expect(table.rollback(byHand)).rejects.toMatchObject({ code: 'NO_SUCH_REVISION' });
  });
});

describe('the source that is named', () => {
  test('is the operator for a table given, one promoted and one rolled back to, and the file for what the file holds', async () => {
    const { write, open } = await bench();
    const table = await open();
    expect(table.state).toEqual({ revision: table.table.revision, source: 'file' });
    await table.reload(given(commented('given')));
    expect(table.state.source).toBe('operator');
    await table.reload({ ...given(commented('tried')), canary: { share: 0.5 } });
    await table.promote(byHand);
    expect(table.state.source).toBe('operator');
    await table.rollback(byHand);
    expect(table.state.source).toBe('operator');
    await write(commented('edited'));
    await table.reload(byHand);
    expect(table.state.source).toBe('file');
  });
});

describe('a request that cannot be right', () => {
  test('starts from a stale revision: it is a conflict, though the file holds what is live', async () => {
    const table = await (await bench()).open();
    const stale = { ...byHand, ifMatch: 'abc' };
    await expect(table.reload(stale)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(table.rollback({ ...stale, revision: table.table.revision })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(table.promote(stale)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(table.state.problem).toBeUndefined();
  });

  test('tries a region that the table has not: it is told so, though the file holds what is live', async () => {
    const table = await (await bench()).open();
    const nowhere = { ...byHand, canary: { regions: ['nope'] } };
    await expect(table.reload(nowhere)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(table.state.problem).toBeUndefined();
  });
});

describe('a service that starts', () => {
  test('with its table broken starts from the last good one, and says so', async () => {
    const { write, open, log } = await bench();
    const table = await open();
    const { revision } = table.table;
    await table.stop();
    await write(brokenText());
    const again = await open();
    expect(again.state).toMatchObject({ revision, source: 'last-known-good' });
    expect(again.state.problem).toContain('routes.yaml:');
    expect(log.some((line) => line.startsWith('error started, but'))).toBe(true);
  });

  test('with its table gone starts from the last good one', async () => {
    const { open, file } = await bench();
    await (await open()).stop();
    await realDisk.remove(file);
    expect((await open()).state).toMatchObject({
      source: 'last-known-good',
      problem: expect.stringContaining('no such file'),
    });
  });

  test('with a broken table and nothing before it refuses', async () => {
    const { open } = await bench(brokenText());
    await expect(open()).rejects.toMatchObject({ code: 'TABLE_REFUSED' });
  });

  test('after its file was changed starts on the file', async () => {
    const { write, open } = await bench();
    await (await open()).stop();
    await write(movedText());
    const again = await open();
    expect(again.state.source).toBe('file');
    expect((await again.textOf(again.table.revision)).text).toBe(movedText());
    expect(await again.rollback(byHand)).toMatchObject({ outcome: 'accepted' });
  });

  test('after a rollback stays rolled back, for the file has not been changed since', async () => {
    const { write, open } = await bench();
    const table = await open();
    const { revision } = table.table;
    await write(commented('one'));
    await table.reload(byHand);
    await table.rollback(byHand);
    await table.stop();
    const again = await open();
    expect(again.state).toEqual({ revision, source: 'last-known-good' });
    expect(again.file.revision).not.toBe(revision); // which `status` tells
  });

  test('does not mistake what it kept of another table for its own', async () => {
    const { open, folder } = await bench();
    await (await open()).stop();
    const other = join(folder, 'other.yaml');
    await writeFile(other, brokenText());
    const { TableStore } = await import('../../../src/tables/store/store.ts');
    const store = new TableStore(realDisk, join(folder, 'var'), other);
    await expect(open({ file: other, store })).rejects.toMatchObject({ code: 'TABLE_REFUSED' });
  });

  test('with a kept revision corrupt falls back to its file', async () => {
    const { open, folder } = await bench();
    const table = await open();
    await table.stop();
    const [name = ''] = await readdir(join(folder, 'var', 'revisions'));
    const kept = join(folder, 'var', 'revisions', name);
    await writeFile(kept, (await readFile(kept, 'utf8')).slice(0, 5000));
    expect((await open()).table.revision).toBe(table.table.revision);
  });
});

describe('a corrupt live.json', () => {
  const corrupt = (folder: string) => writeFile(join(folder, 'var', 'live.json'), '{"file":');

  test('beside a broken table: the service starts on the newest revision that was live, loudly, and names the file', async () => {
    const { write, open, folder, log } = await bench();
    const table = await open();
    await table.reload(given(commented('newest')));
    await table.reload({ ...given(commented('only tried')), canary: { share: 0.5 } });
    const { revision } = table.table;
    await table.stop();
    await write(brokenText());
    await corrupt(folder);
    const again = await open();
    expect(again.state).toMatchObject({ revision, source: 'last-known-good' });
    expect(again.state.problem).toContain(join('var', 'live.json'));
    expect(log.some((line) => line.startsWith('error started, but') && line.includes('live.json'))).toBe(true);
    await write(liveText);
    await again.reload(byHand);
    expect(again.state.problem).toBeUndefined();
  });

  test('and a corrupt newest revision beside a broken table: the one before it serves', async () => {
    const { write, open, folder } = await bench();
    const table = await open();
    const { revision } = table.table;
    const newest = await table.reload(given(commented('newest')));
    await table.stop();
    await write(brokenText());
    await corrupt(folder);
    await writeFile(join(folder, 'var', 'revisions', `${newest.revision}.json`), '');
    expect((await open()).state.revision).toBe(revision);
  });

  test('or a corrupt revision is told when the table is good as well', async () => {
    const { open, folder } = await bench();
    const first = await open();
    const { revision } = first.table;
    await first.stop();
    await corrupt(folder);
    const second = await open();
    expect(second.state).toMatchObject({ revision, source: 'file', problem: expect.stringContaining('live.json') });
    await second.stop();
    await writeFile(join(folder, 'var', 'revisions', `${revision}.json`), '{');
    expect((await open()).state.problem).toContain(`${revision}.json cannot be read`);
  });
});

describe('a disk that is full', () => {
  const full = new Error('no room') as NodeJS.ErrnoException;
  full.code = 'ENOSPC';
  const noRoom = async () => Promise.reject(full);
  const thatFills = () => {
    const disk = {
      ...realDisk,
      isFull: false,
      prepare: (file: string, text: string) => (disk.isFull ? noRoom() : realDisk.prepare(file, text)),
    };
    return disk;
  };

  test('refuses a reload, and the old table stays whole, on the disk as well', async () => {
    const { open } = await bench();
    const disk = thatFills();
    const table = await open({ disk });
    const { revision } = table.table;
    disk.isFull = true;
    await expect(table.reload(given(movedText()))).rejects.toMatchObject({ code: 'TABLE_NOT_KEPT' });
    expect(table.table.revision).toBe(revision);
    disk.isFull = false;
    expect(await table.reload(given(movedText()))).toMatchObject({ outcome: 'accepted' });
    await table.stop();
    expect((await open()).table.revision).toBe(table.table.revision);
  });

  test('leaves the way back open to a revision that is on it, and says that a restart may go back on it', async () => {
    const { open } = await bench();
    const disk = thatFills();
    const table = await open({ disk });
    const { revision } = table.table;
    await table.reload(given(movedText()));
    disk.isFull = true;
    expect(await table.rollback(byHand)).toMatchObject({ outcome: 'accepted', revision });
    expect(table.state.problem).toMatch(/^revision [0-9a-f]+ is live, and that is not on disk, .*ENOSPC\)$/);
    expect(table.state.problem).not.toContain('the live table stays');
    disk.isFull = false;
    await table.rollback(byHand);
    expect(table.state.problem).toBeUndefined();
  });

  test('does not keep a service from starting, and is told of', async () => {
    const { open } = await bench();
    const table = await open({ disk: { ...realDisk, prepare: noRoom, append: noRoom } });
    expect(table.state).toMatchObject({ source: 'file', problem: expect.stringContaining('ENOSPC') });
  });
});

test('a history line that a crash has cut spoils neither the lines before it nor the next one', async () => {
  const { open, folder } = await bench();
  const table = await open();
  const file = join(folder, 'var', 'history.ndjson');
  await writeFile(file, `${await readFile(file, 'utf8')}{"what":"relo`);
  await table.reload(given(commented('one')));
  expect((await table.history(10)).map(({ what }) => what)).toEqual(['reload', 'start']);
});
