import { describe, expect, it } from 'vitest';
import { ConnectError, faultOf, isDatabaseUnavailable } from '../../../src/store/db/errors.ts';

const answered = (code: string, more: object = {}) =>
  Object.assign(new Error('from the server'), { code, ...more });

describe('an error of the database', () => {
  it.each([
    ['08P01', 'lost'],
    ['08006', 'lost'],
    ['25006', 'read_only'],
    ['25P03', 'lost'],
    ['26000', 'stale'],
    ['42P05', 'stale'],
    ['28P01', 'lost'],
    ['3D000', 'lost'],
    ['40001', 'transient'],
    ['40P01', 'transient'],
    ['53100', 'unable'],
    ['53200', 'unable'],
    ['53300', 'unable'],
    ['53400', 'unable'],
    ['55P03', 'busy'],
    ['57014', 'busy'],
    ['57P01', 'lost'],
    ['57P02', 'lost'],
    ['57P03', 'lost'],
    ['57P04', 'lost'],
    ['57P05', 'lost'],
    ['58030', 'unable'],
  ])('with SQLSTATE %s means "%s", so the caller can try again', (code, fault) => {
    expect(faultOf(answered(code))).toBe(fault);
    expect(isDatabaseUnavailable(answered(code))).toBe(true);
    expect(isDatabaseUnavailable(new Error('while storing', { cause: answered(code) }))).toBe(true);
  });

  it('about a result that a migration has changed means that the connection is stale', () => {
    expect(faultOf(answered('0A000', { routine: 'RevalidateCachedQuery' }))).toBe('stale');
  });

  it.each(['0A000', '22P02', '23505', '25001', '25P02', '42601', '42P01', 'XX000', 'ENOENT'])(
    'with code %s is a fault of the gateway',
    (code) => {
      expect(faultOf(answered(code))).toBeUndefined();
      expect(isDatabaseUnavailable(answered(code))).toBe(false);
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Connection ended unexpectedly',
    'Knex: Timeout acquiring a connection. The pool is probably full.',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Query read timeout',
    'timeout expired',
  ])('of the driver, %s, means that the connection is lost', (message) => {
    expect(isDatabaseUnavailable(new Error(message))).toBe(true);
  });

  it('while connecting means that the database is away, whatever the reason, and keeps reason and code', () => {
    const refused = answered('ECONNREFUSED');
    const error = new ConnectError(new AggregateError([refused, new Error('no route')]));
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(error.message).toBe('could not connect to the database: from the server; no route');
    expect(new ConnectError(refused).code).toBe('ECONNREFUSED');
  });
});
