/**
 * The yardstick of creates: a virtual user that inserts the rows of a create through one connection of the bare driver.
 * The statement is prepared once per connection.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newId } from '../../../src/lib/ids.ts';
import { INSERT_INTENT } from '../data/insert-statement.ts';
import { STORES } from '../data/seeded.ts';
import type { VirtualUser } from './virtual-users.ts';

const DAY_MS = 86_400_000;
const METHODS = ['qr_mpm'];

export async function openInsertVirtualUser(
  databaseUrl: string,
  merchantIds: readonly string[],
  virtualUser: number,
): Promise<VirtualUser> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  let sent = virtualUser;
  return {
    run(onDone) {
      sent += 1;
      const now = new Date();
      const values = [
        newId('pi', now),
        merchantIds[sent % merchantIds.length],
        STORES[sent % STORES.length],
        'terminal_001',
        `order_${sent}`,
        `Order #${sent}`,
        1000 + (sent % 9000),
        'JPY',
        METHODS,
        'requires_payment_method',
        randomBytes(32),
        now,
        new Date(now.getTime() + DAY_MS),
        'bare insert by bench',
      ];
      void client.query({ name: 'insert_intent', text: INSERT_INTENT, values }, (error) =>
        onDone(error ? error.message : undefined),
      );
    },
    close: () => client.end(),
  };
}
