import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Act } from '../../../src/domain/audit/act.ts';
import { FIRST_HASH, hashedText } from '../../../src/domain/audit/chain.ts';
import { sha256Hex } from '../../../src/lib/hash.ts';
import { recordAct, recordActs } from '../../../src/services/audit/record-acts.ts';
import { MAX_FAULTS, verifyAuditLog } from '../../../src/services/audit/verify.ts';
import { listChain, readAuditEnd } from '../../../src/store/audit/audit-log.ts';
import { inTransaction } from '../../../src/store/db/query.ts';
import { BY_TEST } from '../../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const clock = { now: () => new Date('2026-11-28T03:04:05.678Z') };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(20);
});

afterAll(() => database.drop());

function act(n: number): Act {
  return {
    ...BY_TEST,
    type: 'merchant_limit.changed',
    objectType: 'merchant',
    objectId: `m_${n}`,
    reason: 'a reason',
    before: { requests_per_minute: n },
    after: { requests_per_minute: n + 1 },
  };
}

async function append(count: number): Promise<void> {
  const acts = Array.from({ length: count }, (_, n) => act(n));
  await inTransaction(database.db, (trx) => recordActs({ clock }, trx, acts));
}

/** As a superuser of the database can: past the triggers. */
async function tamper(...statements: readonly string[]): Promise<void> {
  await database.db.transaction(async (trx) => {
    await trx.raw('alter table audit_log disable trigger user; alter table audit_head disable trigger user');
    for (const statement of statements) {
      await trx.raw(statement);
    }
    await trx.raw('alter table audit_log enable trigger user; alter table audit_head enable trigger user');
  });
}

async function verify(options?: Parameters<typeof verifyAuditLog>[1]) {
  return (await verifyAuditLog(database.db, options)).faults;
}

/** Hashes all rows anew, and the head. */
async function rewriteChain(): Promise<void> {
  const { last } = await readAuditEnd(database.db);
  let previousHash = FIRST_HASH;
  for (const { hash: _, ...row } of await listChain(database.db, { after: 0, last, limit: 1_000 })) {
    const hash = sha256Hex(hashedText({ ...row, previousHash }));
    await tamper(
      `update audit_log set previous_hash = '${previousHash}', hash = '${hash}' where position = ${row.position}`,
    );
    previousHash = hash;
  }
  await tamper(`update audit_head set hash = '${previousHash}'`);
}

beforeEach(async () => {
  await tamper('delete from audit_log', `update audit_head set position = 0, hash = '${FIRST_HASH}'`);
});

describe('verifying the audit log', () => {
  it('finds nothing wrong with an empty log, nor with one that nobody touched', async () => {
    expect(await verify()).toEqual([]);
    await append(5);
    const { rows, faults, head } = await verifyAuditLog(database.db);
    expect({ rows, faults, position: head?.position }).toEqual({ rows: 5, faults: [], position: 5 });
  });

  it.each([
    ['actor_kind', "'operator'"],
    ['actor_id', "'somebody else'"],
    ['type', "'api_key.created'"],
    ['object_type', "'api_key'"],
    ['object_id', "'m_9'"],
    ['merchant_id', "'m_9'"],
    ['store_id', "'s_9'"],
    ['reason', "'another reason'"],
    ['reason', 'null'],
    ['client_address', "'192.0.2.1'"],
    ['request_id', "'req_1'"],
    ['before', `'{"requests_per_minute": 1}'`],
    ['before', "'no JSON'"],
    ['after', 'null'],
    ['created_at', "created_at - interval '1 ms'"],
    ['created_at', "'infinity'"],
    ['hash', "repeat('a', 64)"],
  ])('finds a row whose %s was changed to %s', async (column, value) => {
    await append(4);
    await tamper(`update audit_log set ${column} = ${value} where position = 2`);
    expect(await verify()).toContainEqual({ kind: 'changed', position: 2 });
  });

  it('finds a row that was replaced together with its hash', async () => {
    await append(4);
    const [row] = await listChain(database.db, { after: 1, last: 2, limit: 1 });
    const { hash: _, ...content } = { ...row, reason: 'another reason' } as NonNullable<typeof row>;
    await tamper(
      `update audit_log set reason = 'another reason', hash = '${sha256Hex(hashedText(content))}' where position = 2`,
    );
    expect(await verify()).toEqual([{ kind: 'not_linked', position: 3 }]);
  });

  it('finds rows that were removed from the beginning and from the middle', async () => {
    await append(9);
    await tamper('delete from audit_log where position in (1, 2, 5)');
    expect(await verify()).toEqual([
      { kind: 'missing', from: 1, to: 2 },
      { kind: 'missing', from: 5, to: 5 },
    ]);
  });

  it('finds rows that were removed from the end, and a log that was emptied', async () => {
    await append(5);
    await tamper('delete from audit_log where position > 3');
    expect(await verify()).toEqual([{ kind: 'removed_at_end', from: 4, to: 5 }]);
    await tamper('delete from audit_log');
    expect(await verify()).toEqual([{ kind: 'removed_at_end', from: 1, to: 5 }]);
  });

  it('finds a head that was set back, changed or removed', async () => {
    await append(5);
    const { head } = await readAuditEnd(database.db);
    await tamper('update audit_head set position = 3');
    expect(await verify()).toEqual([{ kind: 'head_set_back', position: 3, last: 5 }]);
    await tamper(`update audit_head set position = 5, hash = '${FIRST_HASH}'`);
    expect(await verify()).toEqual([{ kind: 'head_changed', position: 5 }]);
    await tamper('delete from audit_head');
    expect(await verify()).toEqual([{ kind: 'head_missing' }]);
    await tamper(`insert into audit_head (position, hash) values (5, '${head?.hash}')`);
    expect(await verify()).toEqual([]);
  });

  it('finds a log that was rewritten as a whole, with a head that was kept elsewhere', async () => {
    await append(5);
    const { head: kept } = await verifyAuditLog(database.db);
    await append(2);
    expect(await verify({ kept })).toEqual([]);
    await tamper("update audit_log set reason = 'another reason' where position = 4");
    await rewriteChain();
    expect(await verify()).toEqual([]);
    expect(await verify({ kept })).toEqual([{ kind: 'not_as_kept', position: 5 }]);
  });

  it('finds the end removed together with a set-back head, with a head that was kept elsewhere', async () => {
    await append(5);
    const { head: kept } = await verifyAuditLog(database.db);
    const [third] = await listChain(database.db, { after: 2, last: 3, limit: 1 });
    await tamper(
      'delete from audit_log where position > 3',
      `update audit_head set position = 3, hash = '${third?.hash}'`,
    );
    expect(await verify()).toEqual([]);
    expect(await verify({ kept })).toEqual([{ kind: 'kept_missing', position: 5 }]);
  });

  it('lists a limited number of faults', async () => {
    await append(MAX_FAULTS + 50);
    await tamper("update audit_log set reason = 'another reason'");
    const { faults, hasMoreFaults } = await verifyAuditLog(database.db);
    expect([faults.length, hasMoreFaults]).toEqual([MAX_FAULTS, true]);
  });

  it('continues where an earlier part ended, in parts that together cover the whole log', async () => {
    await append(2_500);
    await tamper("update audit_log set reason = 'another reason' where position in (1, 1200, 1201, 2500)");
    const faults = [];
    let from: number | undefined = 1;
    let parts = 0;
    while (from !== undefined) {
      const part: Awaited<ReturnType<typeof verifyAuditLog>> = await verifyAuditLog(database.db, {
        from,
        maxRows: 1_200,
      });
      faults.push(...part.faults);
      from = part.next;
      parts += 1;
    }
    expect(parts).toBe(3);
    expect(faults.map((fault) => 'position' in fault && fault.position)).toEqual([1, 1200, 1201, 2500]);
  });
});

describe('the audit log', () => {
  it('refuses to be changed, emptied or to lose its head', async () => {
    await append(2);
    for (const statement of [
      "update audit_log set reason = 'x'",
      'delete from audit_log',
      'truncate audit_log',
      'delete from audit_head',
      'truncate audit_head',
    ]) {
      await expect(database.db.raw(statement), statement).rejects.toThrow();
    }
  });

  it('stays one chain without gaps while 20 transactions append at once and some are rolled back', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, appender) => {
        for (let n = 0; n < 10; n += 1) {
          await inTransaction(database.db, async (trx) => {
            await recordAct({ clock }, trx, act(appender));
            if (n % 5 === 4) {
              throw new Error('rolled back');
            }
          }).catch((error: Error) => expect(error.message).toBe('rolled back'));
        }
      }),
    );
    const { rows, faults, head } = await verifyAuditLog(database.db);
    expect({ rows, faults, position: head?.position }).toEqual({ rows: 160, faults: [], position: 160 });
  });

  it('can be verified while rows are appended', async () => {
    await append(2_500);
    let appending: Promise<void> | undefined;
    const { rows, faults } = await verifyAuditLog(database.db, {
      onPage: () => {
        appending ??= append(50);
      },
    });
    await appending;
    expect({ rows, faults }).toEqual({ rows: 2_500, faults: [] });
    expect((await verifyAuditLog(database.db)).rows).toBe(2_550);
  });

  it('keeps text that PostgreSQL cannot store, with its replacement', async () => {
    await inTransaction(database.db, (trx) =>
      recordAct({ clock }, trx, { ...act(1), reason: 'a\0b\ud800', after: { label: '\0' } }),
    );
    expect(await verify()).toEqual([]);
  });
});
