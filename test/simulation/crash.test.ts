import { expect, it } from 'vitest';
import { findFreePort } from '../../src/lib/free-port.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { createTestDatabase } from '../support/database.ts';
import { runCrashes } from './crash.ts';

it('killed again and again under load, the gateway loses nothing it acknowledged and doubles nothing', async () => {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({ credentials: [] });
  const port = await findFreePort();
  const kills = Number(process.env['CRASH_KILLS'] ?? 8);
  const report = await runCrashes({ databaseUrl: database.url, sandbox, port, kills, random: Math.random });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  expect(report.faults).toEqual([]);
  expect(report.acknowledged.created).toBeGreaterThan(20);
  await sandbox.close();
  await database.drop();
}, 600_000);
