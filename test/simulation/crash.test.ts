import { expect, it } from 'vitest';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { createTestDatabase } from '../support/database.ts';
import { isLongRun } from '../support/long.ts';
import { runCrashes } from './crash.ts';

const KILLS = Number(process.env['CRASH_KILLS'] ?? (isLongRun ? 100 : 4));

it(
  `killed ${KILLS} times under load, the gateway loses nothing that it acknowledged, duplicates nothing and delivers every event`,
  async () => {
    const database = await createTestDatabase();
    const sandbox = await startSandbox({ credentials: [], refundDelaySeconds: 0 });
    const port = await findFreePort();
    const report = await runCrashes({
      databaseUrl: database.url,
      sandbox,
      port,
      kills: KILLS,
      random: Math.random,
    });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.acknowledged.created).toBeGreaterThan(3 * KILLS);
    expect(report.acknowledged.refunds).toBeGreaterThan(KILLS);
    expect(report.events).toBeGreaterThan(report.acknowledged.created);
    await sandbox.close();
    await database.drop();
  },
  120_000 + KILLS * 20_000,
);
