/**
 * Allows one gateway per embedded database. The lock belongs to a connection, so it is released when the gateway is
 * killed.
 */
import pg from 'pg';
import { systemClock } from '../lib/clock.ts';

/** Arbitrary, but fixed: identifies the gateway among the advisory locks. */
const LOCK_ID = 7_263_002;
/** The server may take a moment to close the connections of a killed gateway. */
const TRIES = 10;
const RETRY_MS = 200;

/** @returns a function that releases the lock, or undefined when another gateway holds it */
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
