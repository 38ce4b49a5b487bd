import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { createLog } from '../../../src/lib/log.ts';
import { createMetrics } from '../../../src/lib/metrics.ts';
import { observeSequencer } from '../../../src/services/events/observe-sequencer.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { APPEND, insertIntents } from './random-writers.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describe('a sequencer that is held back', () => {
  it('is measured, and the log names the oldest transaction once a minute', async () => {
    const lines: string[] = [];
    const metrics = createMetrics();
    let now = new Date();
    const clock = { now: () => now, sleep: async () => undefined };
    observeSequencer(metrics, {
      db: database.db,
      clock,
      log: createLog('warn', { write: (line) => void lines.push(line) }),
    });
    const readValue = async (name: string) => {
      const { text } = await metrics.render();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1),
      );
    };
    expect(await readValue('pgw_event_sequencer_lag_seconds')).toBe(0);

    const id = newId('pi', now);
    await insertIntents(database.db, 'merchant_1', [id]);
    const open = await database.db.transaction();
    await open.raw("set local application_name = 'report'");
    await open.raw('select pg_current_xact_id()');
    await database.db.raw(APPEND, [id, 'payment_intent.processing']);
    now = new Date(now.getTime() + 31_000);
    expect(await readValue('pgw_event_sequencer_lag_seconds')).toBeGreaterThan(29);
    expect(await readValue('pgw_event_sequencer_blocked_seconds{by="other_session"}')).toBeGreaterThan(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"applicationName":"report"');
    now = new Date(now.getTime() + 61_000);
    await readValue('pgw_event_sequencer_lag_seconds');
    expect(lines).toHaveLength(2);
    await open.rollback();
  });
});
