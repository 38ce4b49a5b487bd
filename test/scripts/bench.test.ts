/**
 * The benchmark runs. The values that it measures here mean nothing.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = new URL('../../scripts/bench/main.ts', import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function bench(...args: string[]) {
  return promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, ...args]);
}

describe('npm run bench', () => {
  it('measures both sides of a row, prints the table with the machine and writes JSON', async () => {
    const file = join(folder, 'bench.json');
    const args = ['--quick', '--only', 'health', '--rounds', '1', '--markdown', '--json', file];
    const { stdout } = await bench(...args);
    expect(stdout).toMatch(/cores.*Node .*PostgreSQL \d/);
    expect(stdout).toMatch(/\| GET \/health \| gateway [\d,.]+\/s \| bare Koa \| [\d,.]+\/s \| \d+\.\d\d \|/);
    const { rows } = JSON.parse(await readFile(file, 'utf8'));
    expect(rows).toMatchObject([
      {
        id: 'health',
        sides: [
          { name: 'gateway', samples: [{ value: expect.any(Number) }] },
          { name: 'bare Koa', samples: [{ value: expect.any(Number) }] },
        ],
        comparisons: [{ against: 'bare Koa', ratio: expect.any(Number) }],
      },
    ]);
    const [{ sides }] = rows;
    for (const { samples } of sides) {
      expect(samples[0].value).toBeGreaterThan(0);
    }
  });

  it('refuses an unknown row', async () => {
    await expect(bench('--only', 'nothing')).rejects.toMatchObject({
      stderr: expect.stringContaining('there is no row nothing; --list shows them'),
    });
  });
});
