import { afterAll, beforeAll, expect, it } from 'vitest';
import { acquireGatewayLock } from '../../src/embedded-postgres/gateway-lock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { runProgram } from './support/program.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('one gateway holds the lock; another gets it after its release', async () => {
  const release = await acquireGatewayLock(database.url);
  expect(release).toBeDefined();
  expect(await acquireGatewayLock(database.url)).toBeUndefined();
  await release?.();
  const next = await acquireGatewayLock(database.url);
  expect(next).toBeDefined();
  await next?.();
});

it('killing its holder releases the lock', async () => {
  const holder = runProgram(`
    import { acquireGatewayLock } from './src/embedded-postgres/gateway-lock.ts';
    const release = await acquireGatewayLock(${JSON.stringify(database.url)});
    console.log(release ? 'held' : 'refused');
    setInterval(() => {}, 1000);
  `);
  expect(await holder.nextLine()).toBe('held');
  expect(await acquireGatewayLock(database.url)).toBeUndefined();
  await holder.kill();
  const release = await acquireGatewayLock(database.url);
  expect(release).toBeDefined();
  await release?.();
});
