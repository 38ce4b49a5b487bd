/**
 * One gateway per embedded database: a lock that lives with a connection, so that a killed gateway leaves none behind.
 */
import pg from 'pg';
import { systemClock } from '../lib/clock.ts';

/** Any fixed number: it names "the gateway of this DATA_DIR" among the advisory locks. */
const LOCK_ID = 7_263_002;
/** The server notices the death of a killed gateway's connections within moments. */
const TRIES = 10;
const RETRY_MS = 200;

/** @returns a function that lets go, or undefined when another gateway holds the lock */
export async function acquireGatewayLock(url: string): Promise<(() => Promise<void>) | undefined> {
  const client = new pg.Client({ connectionString: url, application_name: 'mpac-pgw lock', keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(${LOCK_ID}) as locked`,
    );
    if (rows[0]?.locked) {
      return () => client.end();
    }
    await systemClock.sleep(RETRY_MS);
  }
  await client.end();
  return undefined;
}
